import { randomUUID } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection } from '../http/connection.ts';
import { defaultInboundRules } from '../http/inbound-rules.ts';
import { ConnectionGate } from './connection-gate.ts';
import { contain } from './contain.ts';
import type { FrontOptions } from './front-options.ts';
import { Handshakes } from './handshakes.ts';
import { Http1Front } from './http1-front.ts';
import { Http2Front } from './http2-front.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { defaultLimits } from './listener-limits.ts';
import type { ListenAddress, ListenerOptions } from './listener-options.ts';
import { peerAddress } from './peer-address.ts';
import { PlainConnections } from './plain-connections.ts';
import { createStallWatch } from './stall-watch.ts';

export interface Listener extends AsyncDisposable {
  /** With the ports that were really taken. */
  readonly addresses: readonly ListenAddress[];
  readonly redirectAddress: ListenAddress | undefined;
  /**
   * Ends connections that can't be served any more whatever is asked over them: idle ones now, the others with the answers that are under
   * way; of upgraded ones it knows nothing. Answers how many had not been told so before.
   */
  endConnections(isOver: (connection: Connection) => boolean): number;
  /** Stops accepting, lets requests end, and cuts what is left after `graceMs`; resolves when no connection is left. */
  drain(graceMs: number): Promise<void>;
  /** Cuts everything at once. */
  close(): Promise<void>;
}

/** Opens every address or none; a taken port rejects with Node's own error (`EADDRINUSE`). */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const entrance = new Entrance(options);
  try {
    for (const address of options.addresses) await entrance.open(address);
    if (options.redirectAddress !== undefined) await entrance.openRedirect(options.redirectAddress);
  } catch (error) {
    await entrance.close();
    throw error;
  }
  return entrance;
}

class Entrance implements Listener {
  readonly addresses: ListenAddress[] = [];
  redirectAddress: ListenAddress | undefined;
  readonly #handlers: ListenerHandlers;
  readonly #stalls: ReturnType<typeof createStallWatch>;
  readonly #handshakes: Handshakes;
  readonly #plain: PlainConnections;
  readonly #insecure: boolean;
  readonly #reusePort: boolean;
  readonly #http1: Http1Front;
  readonly #http2: Http2Front;
  readonly #servers: Server[] = [];
  readonly #gate: ConnectionGate;
  #established = 0;
  #draining = false;
  #stopped: Promise<unknown> | undefined;

  constructor(options: ListenerOptions) {
    const { groups, handlers, now, newId = randomUUID, proxyProtocol = false, inboundRules = () => defaultInboundRules } = options;
    const { connectionLimits = () => ({ max: 0, perPeer: 0 }), maxDescriptors } = options;
    const limits: ListenerLimits = { ...defaultLimits, ...options.limits };
    this.#handlers = handlers;
    this.#insecure = options.insecure === true;
    this.#reusePort = options.reusePort === true;
    this.#stalls = createStallWatch({ stallMs: limits.writeStallMs, everyMs: limits.checkEveryMs });
    const front: FrontOptions = { handlers, limits, stalls: this.#stalls, inboundRules, now, newId };
    this.#http1 = new Http1Front(front);
    this.#http2 = new Http2Front(front);
    this.#gate = new ConnectionGate({
      limits: connectionLimits,
      maxUnfinished: limits.maxUnfinished,
      unfinishedGraceMs: limits.unfinishedGraceMs,
      maxDescriptors,
      now: () => performance.now(),
      onRefused: (...refusal) => contain(handlers, () => handlers.onConnectionRefused?.(...refusal)),
      onFull: () => this.#makeRoom(),
    });
    let lastId = 0;
    const name: ConnectionGate['name'] = (socket, peer) => this.#gate.name(socket, peer);
    const shared = { groups, limits, proxyProtocol, handlers, nextId: () => (lastId += 1), name };
    this.#handshakes = new Handshakes({
      ...shared,
      ticketSeed: options.ticketSeed,
      onSecure: (socket, connection, raw) => this.#serve({ socket, raw, connection, protocol: protocolOf(socket) }),
    });
    this.#plain = new PlainConnections({
      ...shared,
      onOpen: (raw, connection, protocol) => this.#serve({ socket: raw, raw, connection, protocol }),
    });
  }

  async open(address: ListenAddress): Promise<void> {
    const door = this.#insecure ? this.#plain : this.#handshakes;
    this.addresses.push(await this.#listen(address, (socket) => door.accept(socket)));
  }

  async openRedirect(address: ListenAddress): Promise<void> {
    this.redirectAddress = await this.#listen(address, (socket) => this.#redirect(socket));
  }

  /** Answers with the port that was really taken. */
  async #listen({ host, port }: ListenAddress, accept: (socket: Socket) => void): Promise<ListenAddress> {
    // Keep-alive probes find clients that vanished under a long stream.
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
      // Without a listener an ECONNRESET at the wrong moment would end the process (CVE-2025-59465).
      socket.on('error', ignoreError);
      if (this.#gate.enter(socket)) accept(socket);
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ port, reusePort: this.#reusePort, ...(host === '' ? {} : { host }) }, resolve);
    await promise;
    server.off('error', reject);
    server.on('error', (error) => this.#handlers.onFault(error));
    this.#servers.push(server);
    const taken = server.address();
    return { host, port: taken !== null && typeof taken === 'object' ? taken.port : port };
  }

  endConnections(isOver: (connection: Connection) => boolean): number {
    return this.#http1.endConnections(isOver) + this.#http2.endConnections(isOver);
  }

  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const stopped = this.#stop();
    // Nothing was asked over them, and whatever comes would be refused.
    for (const socket of this.#gate.unfinished) socket.destroy();
    this.endConnections(() => true);
    const cut = setTimeout(() => this.#cut(), graceMs);
    await stopped;
    clearTimeout(cut);
    await this.close();
  }

  async close(): Promise<void> {
    this.#draining = true;
    const stopped = this.#stop();
    this.#cut();
    this.#http1.close();
    this.#http2.close();
    this.#stalls[Symbol.dispose]();
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serve({ socket, raw, connection, protocol }: Served): void {
    if (this.#draining) return void socket.destroy();
    this.#gate.finish(raw);
    this.#countWhileOpen(socket);
    if (protocol === 'h2') this.#http2.accept(socket, connection);
    else this.#http1.accept(socket, connection);
  }

  /** No first byte is waited for: HTTP/1.1 is all that is spoken here, and its parser answers whatever else comes. */
  #redirect(socket: Socket): void {
    const peer = peerAddress(socket);
    if (peer === undefined || this.#draining) return void socket.destroy();
    if (!this.#gate.name(socket, peer)) return;
    this.#gate.finish(socket);
    this.#countWhileOpen(socket);
    this.#http1.accept(socket, this.#plain.capture(peer), true);
  }

  /** For whoever comes next: connections of which nobody is waiting for an answer are ended, a few at a time. */
  #makeRoom(): void {
    this.#http1.makeRoom(endedAtOnce);
    this.#http2.makeRoom(endedAtOnce);
  }

  #countWhileOpen(socket: Socket): void {
    this.#count(1);
    socket.once('close', () => this.#count(-1));
  }

  #count(change: number): void {
    this.#established += change;
    contain(this.#handlers, () => this.#handlers.onConnectionCount?.(this.#established));
  }

  /** Resolves when every server has lost its last connection. */
  #stop(): Promise<unknown> {
    this.#stopped ??= Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    return this.#stopped;
  }

  #cut(): void {
    for (const socket of this.#gate.sockets) socket.destroy();
  }
}

interface Served {
  readonly socket: Socket;
  /** Where `socket` speaks TLS: the one that carries it. */
  readonly raw: Socket;
  readonly connection: Connection;
  readonly protocol: 'http1' | 'h2';
}

const endedAtOnce = 8;

function ignoreError(): void {
  // The socket's own 'close' follows and says everything that matters.
}

/** As ALPN settled it; without ALPN it is HTTP/1.1 (RFC 9113 section 3.2). */
function protocolOf({ alpnProtocol }: TLSSocket): 'http1' | 'h2' {
  return alpnProtocol === 'h2' ? 'h2' : 'http1';
}
