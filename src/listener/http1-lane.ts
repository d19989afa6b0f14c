import type { Socket } from 'node:net';
import type { FrontOptions } from './front-options.ts';
import type { Http1Connection } from './http1-connection.ts';
import type { LaneHouse } from './lane-connection.ts';
import { LaneConnection } from './lane-connection.ts';

export interface LaneEnds {
  /** Takes a socket over that is paused and has bytes to read. */
  onLeave(socket: Socket): void;
  /** Nothing ever came over it. */
  onSilent(socket: Socket): void;
}

/**
 * The way of most requests of HTTP/1.1: simple ones, which need none of what Node's parser and its `ServerResponse` do for every other.
 * Whatever is not certainly simple leaves it, with its connection and for good, and the parser of Node reads it from its first byte on.
 */
export class Http1Lane implements LaneHouse {
  readonly options: FrontOptions;
  readonly #ends: LaneEnds;
  readonly #lanes = new Set<LaneConnection>();
  readonly #timer: NodeJS.Timeout;
  readonly #keepAlive: string;
  #round = 0;
  #second = Number.NaN;
  #date = '';

  constructor(options: FrontOptions, ends: LaneEnds) {
    this.options = options;
    this.#ends = ends;
    const { keepAliveMs, checkEveryMs } = options.limits;
    const hint = keepAliveMs === 0 ? '' : `Keep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n`;
    this.#keepAlive = `Connection: keep-alive\r\n${hint}`;
    // One timer for all: one of its own for each request would cost more than reading it.
    this.#timer = setInterval(() => this.#look(), checkEveryMs);
    this.#timer.unref();
  }

  get round(): number {
    return this.#round;
  }

  open(socket: Socket, state: Http1Connection): void {
    const lane = new LaneConnection(socket, state, this);
    this.#lanes.add(lane);
    state.lane = lane;
    // Whoever looked at the first bytes paused it and put them back.
    if (socket.isPaused()) socket.resume();
    socket.once('close', () => {
      this.#lanes.delete(lane);
      lane.closed();
    });
  }

  leave(lane: LaneConnection, bytes: Buffer): void {
    const { socket, state } = lane;
    this.#lanes.delete(lane);
    state.lane = undefined;
    lane.release();
    // Paused, so that they are read by whoever listens when this tick is over, and before whatever comes next.
    socket.pause();
    socket.unshift(bytes);
    this.#ends.onLeave(socket);
  }

  lastFields(closes: boolean, hasDate: boolean): string {
    const connection = closes ? 'Connection: close\r\n' : this.#keepAlive;
    return hasDate ? connection : this.#dateLine() + connection;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #dateLine(): string {
    const now = this.options.now();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = `Date: ${new Date(now).toUTCString()}\r\n`;
    }
    return this.#date;
  }

  #look(): void {
    this.#round += 1;
    const { headMs, keepAliveMs, checkEveryMs } = this.options.limits;
    // As with Node: a request that was sent at the last moment must not meet the end.
    const idleMs = keepAliveMs + Math.min(headMs, 1_000);
    for (const lane of this.#lanes) {
      const waited = lane.waited(this.#round);
      if (waited === undefined) continue;
      const isOver = (limitMs: number): boolean => waited.rounds > Math.ceil(limitMs / checkEveryMs);
      if (waited.isFirst) {
        if (isOver(headMs)) this.#ends.onSilent(lane.socket);
      } else if (keepAliveMs !== 0 && isOver(idleMs)) lane.destroy();
    }
  }
}
