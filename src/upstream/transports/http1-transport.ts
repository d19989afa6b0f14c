import type { Socket } from 'node:net';
import type { Pool } from 'undici';
import type { EndpointTarget } from '../endpoint.ts';
import { loadUndici } from '../load-undici.ts';
import type { OpenConnection } from '../open-connection.ts';
import type { AnswerHandler, Transport, UpstreamRequest } from '../transport.ts';
import { largestHeadBytes } from './answer-limits.ts';
import { TrailingTransport } from './trailing-transport.ts';
import { TransportClosed } from './transport-closed.ts';

export interface Http1TransportOptions {
  readonly target: EndpointTarget;
  readonly open: OpenConnection;
  /** For requests without a body; undefined: as all others. */
  readonly bodiless: Transport | undefined;
}

/**
 * HTTP/1.1 by three clients: a lean one of our own for requests without a body, where the endpoint has one; undici; and Node's own for the
 * few requests that end with trailers, which undici can't send.
 */
export class Http1Transport implements Transport {
  readonly #bodiless: Transport | undefined;
  /** Made for the first request that needs it. */
  readonly #openPool: () => Pool;
  #pool: Pool | undefined;
  readonly #trailing: TrailingTransport;
  /** Connections that somebody else opened and found to speak HTTP/1.1. */
  readonly #spare = new Set<Socket>();
  #isClosing = false;

  constructor({ target, open, bodiless }: Http1TransportOptions) {
    const take: OpenConnection = (opened) => {
      const spare = this.#takeSpare();
      if (spare === undefined) open(opened);
      // undici is in the middle of asking, and expects no answer yet.
      else process.nextTick(opened, null, spare);
    };
    this.#bodiless = bodiless;
    this.#trailing = new TrailingTransport(target, take);
    this.#openPool = () => openPool(target, take);
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    if (request.body === null && this.#bodiless !== undefined) return this.#bodiless.dispatch(request, handler);
    if (this.#isClosing) return handler.onResponseError(undefined, new TransportClosed());
    if (request.body !== null && request.trailers !== undefined && request.trailers.announced.length > 0)
      this.#trailing.dispatch(request, handler);
    else (this.#pool ??= this.#openPool()).dispatch(request, handler);
  }

  /** Gives it a connection for the request that is sent next, if that needs one: nobody watches over it until then. */
  adopt(socket: Socket): void {
    this.#spare.add(socket);
    setImmediate(() => this.#spare.delete(socket) && socket.destroy());
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([this.#bodiless?.close(), this.#pool?.close(), this.#trailing.close()]);
    for (const socket of this.#spare) socket.destroy();
  }

  #takeSpare(): Socket | undefined {
    const [spare] = this.#spare;
    if (spare !== undefined) this.#spare.delete(spare);
    return spare;
  }
}

function openPool(target: EndpointTarget, open: OpenConnection): Pool {
  return new (loadUndici().Pool)(originOf(target), {
    allowH2: false,
    // The route's own timeout counts, and a stream of events may be silent for hours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: largestHeadBytes,
    connect: (_options, callback) =>
      open((error, socket) => (socket === null ? callback(error ?? new Error('No connection'), null) : callback(null, socket))),
  });
}

function originOf(target: EndpointTarget): string {
  if (target.kind === 'unix') return 'http://localhost';
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  return `${target.kind === 'tls' ? 'https' : 'http'}://${host}:${target.port}`;
}
