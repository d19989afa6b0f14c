import type { Connection, TlsGroupId } from '../http/connection.ts';
import type { Exchange, ReplySink } from '../http/exchange.ts';
import type { Inbound } from '../http/inbound.ts';
import type { UpgradeExchange } from '../http/upgrade-exchange.ts';
import type { GateReason } from './connection-gate.ts';
import type { Http2Fault } from './http2-meter.ts';
import type { Unserved } from './listener-refusal.ts';

/** What the listener calls. Each is called in the tick of its event; what one throws ends that exchange and goes to `onFault`. */
export interface ListenerHandlers {
  onRequest(exchange: Exchange): void;
  /** A request that could be read far enough to be answered, but not further, or that is served elsewhere. The sink is that request's. */
  onRefusal(refusal: Unserved, sink: ReplySink): void;
  onUpgrade(upgrade: UpgradeExchange): void;
  /** Once for each accepted socket of a listener with TLS; without TLS only for those that were refused before a request. */
  onHandshake(outcome: HandshakeOutcome): void;
  /** Asked once for each connection of a group that requires a certificate; a text refuses the connection and says why. */
  judgeHandshake(connection: Connection): string | undefined;
  /** An error thrown by a handler, or by the listener itself: already contained, to be logged. */
  onFault(error: unknown): void;
  /** A message that the HTTP/1.1 parser refused or waited for too long; it has been answered with that status. */
  onBrokenRequest?(connection: Connection, status: number, reason: string): void;
  /** A request, or an upgraded connection, that took longer than `writeMs` and is cut. */
  onOverdue?(inbound: Inbound): void;
  /** How many connections are open now, those in their handshake left out. */
  onConnectionCount?(open: number): void;
  /** A connection that was closed before it was served, because there are too many. May be called for each one of a flood. */
  onConnectionRefused?(reason: GateReason, remoteAddress: string): void;
  /** A connection that is ended because of what came over it. `detail` is for the log. */
  onConnectionCut?(connection: Connection, reason: CutReason, detail: string | undefined): void;
}

/** `http2-error`: the HTTP/2 library ended it. */
export type CutReason = Http2Fault | 'http2-error';

export type HandshakeResult = 'ok' | 'failed' | 'refused' | 'timeout' | 'malformed';

/** How a socket's handshake ended. `reason` is for the log: undefined only when the result is `ok`. */
export interface HandshakeOutcome {
  readonly result: HandshakeResult;
  readonly reason: string | undefined;
  readonly remoteAddress: string;
  /** As sent; undefined when there was none or the hello was never complete. */
  readonly sniRaw: string | undefined;
  /** Undefined until the ClientHello was read. */
  readonly group: TlsGroupId | undefined;
  /** With `ok` and `refused`: the certificate can be named. */
  readonly connection: Connection | undefined;
}
