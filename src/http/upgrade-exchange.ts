import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Inbound } from './inbound.ts';
import type { Reply } from './reply.ts';

/** One request to switch protocols, before anybody decided. HTTP/1.1 only. Exactly one of two ends: `refuse`, or the socket is taken over. */
export interface UpgradeExchange {
  readonly inbound: Inbound;
  /** The client's side, already detached from the HTTP parser. Whoever takes it over ends it. */
  readonly socket: Duplex;
  /** What the client sent right after the request; part of the new protocol, not of HTTP. */
  readonly head: Buffer;
  /** For libraries that want Node's own object. Its headers are as received: never forward them unfiltered. */
  readonly request: IncomingMessage;
  /** Answers with a whole HTTP/1.1 response that carries `Connection: close`, and ends the socket. Bytes of `head` are never read as a request. */
  refuse(reply: Reply): void;
}
