/** What an upstream sent is no answer of HTTP/1.1, or one that another reader could read differently. */
export class IllegalAnswer extends Error {
  readonly code = 'ERR_ILLEGAL_ANSWER';

  constructor() {
    super('The answer is no HTTP/1.1');
  }
}

/** The connection ended before the answer did. */
export class ConnectionEnded extends Error {
  readonly code = 'ERR_CONNECTION_ENDED';
  /** The connection had answered before, and not a byte of this answer came: the upstream closed it in the moment it was used again. */
  readonly isStale: boolean;

  constructor(isStale: boolean) {
    super('The connection ended before the answer did');
    this.isStale = isStale;
  }
}

/** Nobody took the connection in time. */
export class ConnectTimeout extends Error {
  readonly code = 'ECONNECT_TIMEOUT';

  constructor(timeoutMs: number) {
    super(`No connection within ${timeoutMs} ms`);
  }
}
