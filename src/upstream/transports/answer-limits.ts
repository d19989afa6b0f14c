/** The head of an answer; an upstream that sends more is not answering. */
export const largestHeadBytes: number = 64 * 1024;
export const mostHeadFields: number = 1_000;
