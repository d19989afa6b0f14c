import { randomUUID } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection } from '../http/connection.ts';
import { contain } from './contain.ts';
import type { FrontOptions } from './front-options.ts';
import { Handshakes } from './handshakes.ts';
import { Http1Front } from './http1-front.ts';
import { Http2Front } from './http2-front.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { defaultLimits } from './listener-limits.ts';
import { createStallWatch } from './stall-watch.ts';
import type { TlsGroups } from './tls-groups.ts';

export interface ListenAddress {
  /** An IP literal, or empty for every address of the machine. */
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions {
  readonly addresses: readonly ListenAddress[];
  /** Asked for each connection: a reload is in force with the next ClientHello. */
  readonly groups: () => TlsGroups;
  readonly handlers: ListenerHandlers;
  readonly limits?: Partial<ListenerLimits> | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes reference ids; random UUIDs when left out. */
  readonly newId?: (() => string) | undefined;
}

export interface Listener extends AsyncDisposable {
  /** With the ports that were really taken. */
  readonly addresses: readonly ListenAddress[];
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
  } catch (error) {
    await entrance.close();
    throw error;
  }
  return entrance;
}

class Entrance implements Listener {
  readonly addresses: ListenAddress[] = [];
  readonly #handlers: ListenerHandlers;
  readonly #stalls: ReturnType<typeof createStallWatch>;
  readonly #handshakes: Handshakes;
  readonly #http1: Http1Front;
  readonly #http2: Http2Front;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #established = 0;
  #draining = false;
  #stopped: Promise<unknown> | undefined;

  constructor({ groups, handlers, limits: changed, now, newId = randomUUID }: ListenerOptions) {
    const limits: ListenerLimits = { ...defaultLimits, ...changed };
    this.#handlers = handlers;
    this.#stalls = createStallWatch({ stallMs: limits.writeStallMs, everyMs: limits.checkEveryMs });
    const front: FrontOptions = { handlers, limits, stalls: this.#stalls, now, newId };
    this.#http1 = new Http1Front(front);
    this.#http2 = new Http2Front(front);
    this.#handshakes = new Handshakes({ groups, limits, handlers, onSecure: (socket, connection) => this.#serve(socket, connection) });
  }

  async open({ host, port }: ListenAddress): Promise<void> {
    // Keep-alive probes find clients that vanished under a long stream.
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => this.#accept(socket));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve);
    await promise;
    server.off('error', reject);
    server.on('error', (error) => this.#handlers.onFault(error));
    this.#servers.push(server);
    const taken = server.address();
    this.addresses.push({ host, port: taken !== null && typeof taken === 'object' ? taken.port : port });
  }

  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const stopped = this.#stop();
    this.#http1.drain();
    this.#http2.drain();
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
    this.#stalls[Symbol.dispose]();
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#handshakes.accept(socket);
  }

  #serve(socket: TLSSocket, connection: Connection): void {
    if (this.#draining) return void socket.destroy();
    this.#count(1);
    socket.once('close', () => this.#count(-1));
    if (socket.alpnProtocol === 'h2') this.#http2.accept(socket, connection);
    else this.#http1.accept(socket, connection);
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
    for (const socket of this.#sockets) socket.destroy();
  }
}
