/** What `socket-client.ts` is told. */
export interface SocketOrder {
  readonly port: number;
  readonly host: string;
  readonly cookie: string;
  /** PEM, of the CA of the proxy's certificate. */
  readonly serverCa: string;
  readonly connections: number;
  /** Sent and awaited in all; each connection has one under way. */
  readonly echoes: number;
  readonly bytes: number;
}

export interface SocketResult {
  readonly echoesPerSecond: number;
  /** Milliseconds until an echo was there. */
  readonly p50: number;
  readonly p99: number;
}
