/** What there is to say of one code beside the message of each problem. */
export interface ProblemText {
  /** One sentence: why it is worth telling. */
  readonly why: string;
  /** One sentence: what to do about it. */
  readonly cure: string;
}
