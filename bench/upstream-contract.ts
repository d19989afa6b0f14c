/** What every upstream of a run answers with. */
export const answerBytes = 500;

/** Answers with the assertion that came with the request: so it is proved that what is measured does its whole work. */
export const seenPath = '/seen';

/** So many zeroes as its last part says. */
export const downPath = '/down/';

/** Reads the body to its end, throws it away, and answers as everywhere. */
export const upPath = '/up';

/** A WebSocket that sends back what it is sent. */
export const socketPath = '/socket';

export const assertionHeader = 'x-pomerium-jwt-assertion';
