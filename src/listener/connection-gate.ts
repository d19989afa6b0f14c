import type { Socket } from 'node:net';
import type { PeerAddress } from './peer-address.ts';
import { peerNetwork } from './peer-network.ts';

/** How many connections there may be; asked for each one, so that a reload is in force at once. 0: no limit. */
export interface ConnectionLimits {
  readonly max: number;
  /** Of one IPv4 address, or of one /64 of IPv6. */
  readonly perPeer: number;
}

/** Why a connection was closed before it was served. */
export type GateReason = 'connections' | 'peer' | 'handshakes' | 'descriptors';

export interface GateOptions {
  readonly limits: () => ConnectionLimits;
  /** How many may be without a finished handshake, and how long one is left alone before it has to make room for another. */
  readonly maxUnfinished: number;
  readonly unfinishedGraceMs: number;
  /** How many descriptors the process may have open; undefined: unknown, and not minded. */
  readonly maxDescriptors: number | undefined;
  /** Milliseconds; differences count only. */
  readonly now: () => number;
  onRefused(reason: GateReason, remoteAddress: string): void;
  /** There is no room, nor anybody who is late with a handshake: connections without a request may be ended. */
  onFull(): void;
}

/**
 * Counts connections from accept to close, and closes those that are too many. A connection has no peer until one is named: behind a PROXY
 * header it is the one that the header names.
 */
export class ConnectionGate {
  readonly #options: GateOptions;
  readonly #open = new Map<Socket, string | undefined>();
  readonly #byPeer = new Map<string, number>();
  /** With the time of accept, oldest first. */
  readonly #unfinished = new Map<Socket, number>();
  readonly #reserve: number;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#reserve = Math.min(mostReserved, Math.floor((options.maxDescriptors ?? 0) / 8));
  }

  /** All sockets that are open. */
  get sockets(): Iterable<Socket> {
    return this.#open.keys();
  }

  /** Those that have not come as far as to be served. */
  get unfinished(): Iterable<Socket> {
    return this.#unfinished.keys();
  }

  /** Takes an accepted socket in; false: it was closed. */
  enter(socket: Socket): boolean {
    const shortage = this.#shortage(socket);
    if (shortage !== undefined) {
      // Whoever never came to a request goes before whoever had one.
      if (!this.#dropOldest()) this.#options.onFull();
      return this.#refuse(socket, shortage);
    }
    if (this.#unfinished.size >= this.#options.maxUnfinished && !this.#dropOldest()) return this.#refuse(socket, 'handshakes');
    this.#open.set(socket, undefined);
    this.#unfinished.set(socket, this.#options.now());
    socket.once('close', () => this.#forget(socket));
    return true;
  }

  /** Says whose connection it is; false: it was closed, because they have too many. */
  name(socket: Socket, peer: PeerAddress): boolean {
    if (!this.#open.has(socket) || this.#open.get(socket) !== undefined) return true;
    const { perPeer } = this.#options.limits();
    const network = peerNetwork(peer.remoteAddress);
    const count = this.#byPeer.get(network) ?? 0;
    if (perPeer > 0 && count >= perPeer) return this.#refuse(socket, 'peer', peer.remoteAddress);
    this.#open.set(socket, network);
    this.#byPeer.set(network, count + 1);
    return true;
  }

  /** Its handshake is done, or the first bytes of a request are here. */
  finish(socket: Socket): void {
    this.#unfinished.delete(socket);
  }

  #shortage(socket: Socket): GateReason | undefined {
    const { max } = this.#options.limits();
    if (max > 0 && this.#open.size >= max) return 'connections';
    return this.#isShortOfDescriptors(socket) ? 'descriptors' : undefined;
  }

  #forget(socket: Socket): void {
    const network = this.#open.get(socket);
    this.#open.delete(socket);
    this.#unfinished.delete(socket);
    if (network === undefined) return;
    const left = (this.#byPeer.get(network) ?? 1) - 1;
    if (left === 0) this.#byPeer.delete(network);
    else this.#byPeer.set(network, left);
  }

  #refuse(socket: Socket, reason: GateReason, remoteAddress: string = socket.remoteAddress ?? ''): false {
    // Not `resetAndDestroy()`: of a socket within its TLS handshake that leaves the descriptor open, and the event loop spinning.
    socket.destroy();
    this.#options.onRefused(reason, remoteAddress);
    return false;
  }

  /** A flood of connections that never finish a handshake makes room for the next by itself, and whoever means it is done sooner. */
  #dropOldest(): boolean {
    const oldest = this.#unfinished.entries().next();
    if (oldest.done) return false;
    const [socket, since] = oldest.value;
    if (this.#options.now() - since < this.#options.unfinishedGraceMs) return false;
    this.#unfinished.delete(socket);
    this.#refuse(socket, 'handshakes');
    return true;
  }

  /**
   * The system gives out the lowest number that is free, so a high one means that nearly all are taken. Without a reserve libuv closes
   * connections without telling anybody, and requests that were let in find no descriptor for their upstream.
   */
  #isShortOfDescriptors(socket: Socket): boolean {
    const { maxDescriptors } = this.#options;
    return maxDescriptors !== undefined && descriptorOf(socket) >= maxDescriptors - this.#reserve;
  }
}

/** An upstream, the log and the files of a reload want some too. */
const mostReserved = 1_000;

/** Node shows it on the handle alone; -1 where there is none (Windows). */
function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof descriptor === 'number' ? descriptor : -1;
}
