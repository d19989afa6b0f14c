/** What every upstream of a run answers with. */
export const answerBytes = 500;

/** Answers with the assertion that came with the request: so it is proved that what is measured does its whole work. */
export const seenPath = '/seen';

export const assertionHeader = 'x-pomerium-jwt-assertion';
