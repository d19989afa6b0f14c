/** A request that its protocol can't say, or that would not arrive as the one that was judged. Nothing of it was sent. */
export class Unsendable extends Error {
  readonly code = 'ERR_UNSENDABLE';
}
