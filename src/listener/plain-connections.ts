import type { Socket } from 'node:net';
import type { Connection } from '../http/connection.ts';
import { answerInTheClear } from './answer-in-the-clear.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { contain } from './contain.ts';
import type { HandshakeResult, ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { UnusableStart } from './peek-start.ts';
import { peekStart } from './peek-start.ts';
import type { PeerAddress } from './peer-address.ts';
import { peerAddress } from './peer-address.ts';
import type { TlsGroups } from './tls-groups.ts';

export interface PlainOptions {
  readonly groups: () => TlsGroups;
  readonly limits: ListenerLimits;
  readonly proxyProtocol: boolean;
  readonly handlers: Pick<ListenerHandlers, 'onHandshake' | 'onFault'>;
  readonly nextId: () => number;
  readonly name: ConnectionGate['name'];
  onOpen(socket: Socket, connection: Connection, protocol: 'http1' | 'h2'): void;
}

/** Takes accepted sockets of a listener without TLS up to their first request, and tells HTTP/2 (with prior knowledge) from HTTP/1.1. */
export class PlainConnections {
  readonly #options: PlainOptions;

  constructor(options: PlainOptions) {
    this.#options = options;
  }

  accept(raw: Socket): void {
    const peer = peerAddress(raw);
    if (peer === undefined) return void raw.destroy();
    const { limits, proxyProtocol, name } = this.#options;
    if (!proxyProtocol && !name(raw, peer)) return;
    // A connection may be opened ahead of its request, as behind TLS. From its first bytes on the front has a limit of its own.
    const { headMs: withinMs, helloMs: headerMs } = limits;
    const onSource = (source: PeerAddress): boolean => name(raw, source);
    peekStart(raw, { withinMs, headerMs, proxyProtocol, awaited: 'request', read: createProtocolReader(), onSource }, (start) => {
      if (start.kind === 'unusable') this.#leave(raw, peer, start);
      else if (start.found === 'tls') this.#refuseTls(raw, start.source ?? peer);
      else this.#open(raw, start.source ?? peer, start.found);
    });
  }

  /** The record of a connection that never had a handshake: it was asked for nothing and showed nothing. */
  capture(peer: PeerAddress): Connection {
    return {
      id: this.#options.nextId(),
      scheme: 'http',
      sniRaw: undefined,
      hostname: undefined,
      group: this.#options.groups().groupFor(undefined).id,
      asked: false,
      ...peer,
      tlsVersion: '',
      resumed: false,
      certificate: { kind: 'none' },
    };
  }

  #open(raw: Socket, peer: PeerAddress, protocol: 'http1' | 'h2'): void {
    this.#options.onOpen(raw, this.capture(peer), protocol);
  }

  #leave(raw: Socket, peer: PeerAddress, { result, reason, isHeaderFault }: UnusableStart): void {
    raw.destroy();
    // A connection that never became a request is nobody's affair; a proxy that does not say for whom it speaks is.
    if (isHeaderFault) this.#report(peer, result, reason);
  }

  #refuseTls(raw: Socket, peer: PeerAddress): void {
    answerInTheClear(raw, 'This port speaks HTTP without TLS: use an address that begins with http://');
    this.#report(peer, 'malformed', 'TLS on a port that speaks HTTP without it');
  }

  #report({ remoteAddress }: PeerAddress, result: HandshakeResult, reason: string): void {
    const { handlers } = this.#options;
    const outcome = { result, reason, remoteAddress, sniRaw: undefined, group: undefined, connection: undefined };
    contain(handlers, () => handlers.onHandshake(outcome));
  }
}

const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const tlsHandshake = 0x16;

/** Decided by the first byte that no HTTP/2 client sends: everything else is the HTTP/1.1 parser's to judge. */
function createProtocolReader(): (chunk: Buffer) => 'http1' | 'h2' | 'tls' | undefined {
  let matched = 0;
  return (chunk) => {
    if (matched === 0 && chunk[0] === tlsHandshake) return 'tls';
    const expected = http2Preface.subarray(matched, matched + chunk.length);
    if (!chunk.subarray(0, expected.length).equals(expected)) return 'http1';
    matched += expected.length;
    return matched === http2Preface.length ? 'h2' : undefined;
  };
}
