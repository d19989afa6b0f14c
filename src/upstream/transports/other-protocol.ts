/** The upstream chose HTTP/2 for a connection that was meant for HTTP/1.1: nothing was sent, and the next try takes the right one. */
export class OtherProtocol extends Error {
  readonly code = 'ERR_OTHER_PROTOCOL';

  constructor() {
    super('The upstream speaks HTTP/2 now');
  }
}
