import type { Duplex } from 'node:stream';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { ClientSide } from './client-side.ts';
import { IdleWatch } from './idle-watch.ts';

export interface TunnelParts {
  /** The client's end. */
  readonly socket: Duplex;
  /** What http-proxy-3 holds of it. */
  readonly client: ClientSide;
  readonly upstream: Duplex;
  readonly upstreamUrl: string;
  /** Milliseconds without a byte in either direction; 0: no limit. */
  readonly idleMs: number;
  readonly now: () => number;
  /** Called once. `failure` is undefined where one side ended and the other followed. */
  readonly onOver: (failure: ProxyFailure | undefined) => void;
}

// How long one side may stay when the other has ended, and how long a client may take to read why.
const lingerMs = 1_000;

/** What came of an upgrade, from the upstream's 101 to the end of both sides. */
export class Tunnel {
  readonly #parts: TunnelParts;
  readonly #idle: IdleWatch | undefined;
  #over = false;

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    const { upstream, upstreamUrl, idleMs, now } = parts;
    upstream.once('end', () => this.sideEnded());
    upstream.once('close', () => this.sideEnded());
    if (idleMs === 0) return;
    const silent = `Not a byte to or from ${upstreamUrl} in its tunnel for ${idleMs} ms`;
    this.#idle = new IdleWatch({ idleMs, now, onIdle: () => this.end(new ProxyFailure('upstream-idle', silent)) });
  }

  /** Something moved. */
  touch(): void {
    this.#idle?.touch();
  }

  /** The other side gets what is on its way, and the word that this was all. Whoever does not end then is ended. */
  sideEnded(): void {
    if (this.#finish(undefined)) this.#linger();
  }

  /** One side broke, and the other can't be told in its own protocol what happened. */
  fail(failure: ProxyFailure): void {
    if (!this.#finish(failure)) return;
    this.#parts.client.destroy();
    this.#parts.upstream.destroy();
    this.#parts.socket.destroy();
  }

  /** Ends both sides, and tells the client of a WebSocket why; false when they are ending already. */
  end(failure: ProxyFailure): boolean {
    if (!this.#finish(failure)) return false;
    this.#parts.client.sayFarewell(closeCodeOf(failure));
    this.#linger();
    return true;
  }

  #linger(): void {
    const { socket, upstream, client } = this.#parts;
    const timer = setTimeout(() => {
      socket.destroy();
      upstream.destroy();
    }, lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      upstream.destroy();
      // The library counts its sockets until each has told its end, and of a half that was never read to its end none comes.
      client.destroy();
    });
  }

  /** False when it was over before. */
  #finish(failure: ProxyFailure | undefined): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#idle?.stop();
    this.#parts.onOver(failure);
    return true;
  }
}

/** RFC 6455 section 7.4.1: 1008 is a violated policy, 1001 an endpoint that goes away, and 1011 a condition nobody foresaw. */
function closeCodeOf({ code }: ProxyFailure): number {
  if (code === 'access-ended') return 1008;
  return code === 'server-stopping' || code === 'upstream-idle' ? 1001 : 1011;
}
