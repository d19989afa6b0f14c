import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection } from '../http/connection.ts';
import { parseHostname } from '../http/hostname.ts';
import { answerInTheClear } from './answer-in-the-clear.ts';
import type { Arrival } from './capture-connection.ts';
import { captureConnection } from './capture-connection.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { contain } from './contain.ts';
import type { GroupServers } from './group-servers.ts';
import { createGroupServers } from './group-servers.ts';
import type { HandshakeOutcome, HandshakeResult, ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { PeerAddress } from './peer-address.ts';
import { peerAddress } from './peer-address.ts';
import { peekClientHello } from './peek-client-hello.ts';
import { takeTurns } from './take-turns.ts';
import type { TlsGroups } from './tls-groups.ts';

export interface HandshakeOptions {
  readonly groups: () => TlsGroups;
  readonly limits: ListenerLimits;
  /** Connections begin with a PROXY header; one without is malformed. */
  readonly proxyProtocol: boolean;
  readonly handlers: Pick<ListenerHandlers, 'onHandshake' | 'judgeHandshake' | 'onFault'>;
  /** Of processes that share their ports: they resume each other's sessions. */
  readonly ticketSeed: Uint8Array | undefined;
  /** Numbers connections. */
  readonly nextId: () => number;
  /** Says whose connection it is; false: it was closed, because they have too many. */
  readonly name: ConnectionGate['name'];
  /** The handshake is done and accepted; `raw` is the socket that came. */
  onSecure(socket: TLSSocket, connection: Connection, raw: Socket): void;
}

/** Takes accepted sockets through ClientHello, TLS group and handshake. Reports each exactly once, whatever becomes of it. */
export class Handshakes {
  readonly #options: HandshakeOptions;
  readonly #servers: GroupServers;
  /**
   * A handshake costs more than most requests, and all that come at once after a restart would hold the event loop for seconds: those who
   * are served already must not wait for those who are to come.
   */
  readonly #turns = takeTurns({ budgetMs: turnMs, now: () => performance.now() });
  readonly #pending = new Map<string, Pending>();
  /** A socket that has closed does not know its addresses any more. */
  readonly #keys = new WeakMap<TLSSocket, string>();

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#servers = createGroupServers({
      groups: options.groups,
      ticketSeed: options.ticketSeed,
      handshakeMs: options.limits.handshakeMs,
      onStart: (socket) => this.#start(socket),
      onSecure: (socket) => this.#secure(socket),
      onFailure: (socket, error) => this.#fail(socket, error),
    });
  }

  accept(raw: Socket): void {
    const peer = peerAddress(raw);
    if (peer === undefined) return void raw.destroy();
    const { limits, proxyProtocol, name } = this.#options;
    if (!proxyProtocol && !name(raw, peer)) return;
    peekClientHello(raw, { limits, proxyProtocol, onSource: (source) => name(raw, source) }, (start) => {
      const source = start.source ?? peer;
      if (start.kind === 'unusable') this.#leave(raw, source, start);
      else if (start.found.kind === 'hello') this.#await(raw, source, start.found.serverName);
      else if (start.found.kind === 'plain-http') this.#refusePlain(raw, source);
      else this.#leave(raw, source, { result: 'malformed', reason: start.found.reason });
    });
  }

  #refusePlain(raw: Socket, peer: PeerAddress): void {
    answerInTheClear(raw, 'This port speaks HTTPS: use an address that begins with https://');
    this.#tellRefused(peer, { result: 'malformed', reason: 'HTTP in the clear' });
  }

  #leave(raw: Socket, peer: PeerAddress, why: Refused): void {
    raw.destroy();
    this.#tellRefused(peer, why);
  }

  /** Of a connection that never had a group. */
  #tellRefused({ remoteAddress }: PeerAddress, { result, reason }: Refused): void {
    this.#report({ result, reason, remoteAddress, sniRaw: undefined, group: undefined, connection: undefined });
  }

  #await(raw: Socket, peer: PeerAddress, serverName: string | undefined): void {
    this.#turns(() => {
      if (raw.destroyed) return this.#tellRefused(peer, { result: 'failed', reason: wentAway });
      try {
        this.#begin(raw, peer, serverName);
      } catch (error) {
        this.#giveUp(raw, peer, error);
      }
    });
  }

  /** Nothing may have taken the socket over yet that would ever close it. */
  #giveUp(raw: Socket, peer: PeerAddress, error: unknown): void {
    contain(this.#options.handlers, () => this.#options.handlers.onFault(error));
    const key = keyOf(raw);
    if (this.#pending.has(key)) this.#conclude(key, 'failed', lookUpFailed);
    else this.#tellRefused(peer, { result: 'failed', reason: lookUpFailed });
    raw.destroy();
  }

  #begin(raw: Socket, peer: PeerAddress, serverName: string | undefined): void {
    const key = keyOf(raw);
    const hostname = serverName === undefined ? undefined : parseHostname(serverName);
    const group = this.#options.groups().groupFor(hostname);
    const arrival = { id: this.#options.nextId(), sniRaw: serverName, hostname, group, ...peer };
    const entry: Pending = { raw, arrival, deadline: this.#deadline(raw, key), started: false, early: undefined };
    this.#pending.set(key, entry);
    // Once the TLS layer has begun it knows better why the raw socket closed, but tells it later.
    raw.once('close', () => entry.started || this.#conclude(key, 'failed', wentAway));
    this.#servers.serverOf(group).emit('connection', raw);
  }

  /** Node's own handshake timeout is one of inactivity, so one byte a second would prolong it. */
  #deadline(raw: Socket, key: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#conclude(key, 'timeout', 'the handshake was not done in time');
      raw.destroy();
    }, this.#options.limits.handshakeMs);
  }

  /** `rejectUnauthorized` has the certificate forgotten before the failure is told, so it is noted when the handshake ends. */
  #start(socket: TLSSocket): void {
    const key = keyOf(socket);
    const entry = this.#pending.get(key);
    if (entry === undefined) return;
    entry.started = true;
    this.#keys.set(socket, key);
    socket.once('close', () => this.#conclude(key, 'failed', wentAway));
    const { requires, namesAuthorities } = entry.arrival.group;
    if (!requires || !namesAuthorities) return;
    socket.prependOnceListener('secure', () => {
      entry.early = captureConnection(socket, entry.arrival);
    });
  }

  #secure(socket: TLSSocket): void {
    socket.on('error', ignoreError);
    const pending = this.#take(this.#keys.get(socket) ?? keyOf(socket));
    // Nobody knows whose handshake this is (its peer is gone already): fail closed.
    if (pending === undefined) return void socket.destroy();
    const { arrival, raw } = pending;
    const connection = captureConnection(socket, arrival);
    const objection = arrival.group.requires ? this.#judge(connection) : undefined;
    this.#report(outcomeOf(arrival, objection === undefined ? 'ok' : 'refused', objection, connection));
    if (objection === undefined) this.#options.onSecure(socket, connection, raw);
    else socket.destroy();
  }

  #fail(socket: TLSSocket, error: Error & { readonly code?: string }): void {
    const key = this.#keys.get(socket) ?? keyOf(socket);
    const verdict: unknown = socket.authorizationError;
    const early = this.#pending.get(key)?.early;
    if (early?.certificate.kind === 'presented' && typeof verdict === 'string') {
      this.#conclude(key, 'refused', verdict, { ...early, certificate: { ...early.certificate, tlsVerdict: verdict } });
    } else this.#conclude(key, error.code === missingCertificate ? 'refused' : 'failed', error.code ?? error.message);
    socket.destroy();
  }

  #judge(connection: Connection): string | undefined {
    try {
      return this.#options.handlers.judgeHandshake(connection);
    } catch (error) {
      this.#options.handlers.onFault(error);
      // In doubt refuse: a judge that fails has accepted nobody.
      return 'the certificate could not be judged';
    }
  }

  #conclude(key: string, result: HandshakeResult, reason: string, connection?: Connection): void {
    const pending = this.#take(key);
    if (pending !== undefined) this.#report(outcomeOf(pending.arrival, result, reason, connection));
  }

  #take(key: string): Pending | undefined {
    const entry = this.#pending.get(key);
    if (entry === undefined) return undefined;
    clearTimeout(entry.deadline);
    this.#pending.delete(key);
    return entry;
  }

  #report(outcome: HandshakeOutcome): void {
    const { handlers } = this.#options;
    contain(handlers, () => handlers.onHandshake(outcome));
  }
}

interface Pending {
  readonly raw: Socket;
  readonly arrival: Arrival;
  readonly deadline: NodeJS.Timeout;
  started: boolean;
  /** What a group that requires a certificate saw before OpenSSL's verdict. */
  early: Connection | undefined;
}

interface Refused {
  readonly result: HandshakeResult;
  readonly reason: string;
}

const turnMs = 20;
const wentAway = 'the client went away during the handshake';
const lookUpFailed = 'the host could not be looked up';
const missingCertificate = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';

function outcomeOf(arrival: Arrival, result: HandshakeResult, reason: string | undefined, connection?: Connection): HandshakeOutcome {
  return { result, reason, remoteAddress: arrival.remoteAddress, sniRaw: arrival.sniRaw, group: arrival.group.id, connection };
}

/** Node makes its TLS socket out of sight, and both know the two ends: no two live connections share them. Never what a PROXY header says. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}

function ignoreError(): void {
  // The socket's own 'close' follows and says everything that matters.
}
