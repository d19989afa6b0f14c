import type { Socket } from 'node:net';
import type { OpenConnection } from '../open-connection.ts';
import type { AnswerHandler, Transport, UpstreamRequest } from '../transport.ts';
import { Http2Connection } from './http2-connection.ts';
import { TransportClosed } from './transport-closed.ts';

export interface Http2TransportOptions {
  readonly scheme: 'http' | 'https';
  readonly open: OpenConnection;
  /** Whether a connection speaks HTTP/2; `waiting` are those it was opened for, where it does not. */
  readonly accepts: (socket: Socket, waiting: readonly WaitingRequest[]) => boolean;
  readonly lookMs?: number;
}

export interface WaitingRequest {
  readonly request: UpstreamRequest;
  readonly handler: AnswerHandler;
}

const usualLookMs = 10_000;

/**
 * HTTP/2 to one endpoint: as many connections as the upstream's limit of streams asks for, one opened at a time, and a new one where
 * it says goodbye to an old one.
 */
export class Http2Transport implements Transport {
  readonly #options: Http2TransportOptions;
  readonly #connections = new Set<Http2Connection>();
  #waiting: WaitingRequest[] = [];
  #isOpening = false;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(options: Http2TransportOptions) {
    this.#options = options;
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    if (this.#closing !== undefined) return handler.onResponseError(undefined, new TransportClosed());
    const connection = this.#waiting.length === 0 ? this.#withRoomFor(request) : undefined;
    if (connection !== undefined) return connection.send(request, handler);
    this.#waiting.push({ request, handler });
    this.#openMore();
  }

  /** Takes a connection that somebody else opened and found to speak HTTP/2. */
  adopt(socket: Socket): void {
    const { scheme, lookMs = usualLookMs } = this.#options;
    const connection = new Http2Connection(socket, {
      scheme,
      lookMs,
      onRoom: () => this.#serve(),
      onClose: (closed) => {
        this.#connections.delete(closed);
        if (!closed.isGreeted) this.#failWaiting(closed.failure);
        this.#serve();
      },
    });
    this.#connections.add(connection);
    this.#serve();
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    this.#finishClosing();
    await this.#closing.promise;
  }

  #withRoomFor(request: UpstreamRequest): Http2Connection | undefined {
    for (const connection of this.#connections) if (connection.hasRoomFor(request)) return connection;
    return undefined;
  }

  #serve(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const connection = this.#withRoomFor(next.request);
      if (connection === undefined) break;
      this.#waiting.shift();
      connection.send(next.request, next.handler);
    }
    this.#openMore();
    this.#finishClosing();
  }

  /** How many requests a connection takes is known when the upstream has said so: sent before, what is too many would be refused. */
  #openMore(): void {
    if (this.#isOpening || this.#waiting.length === 0 || [...this.#connections].some(({ isGreeted }) => !isGreeted)) return;
    this.#isOpening = true;
    this.#options.open((error, socket) => {
      this.#isOpening = false;
      if (socket === null || socket.destroyed) this.#failWaiting(error ?? new Error('The connection ended'));
      else if (this.#options.accepts(socket, this.#waiting)) this.adopt(socket);
      else this.#waiting = [];
      this.#finishClosing();
    });
  }

  #failWaiting(error: Error): void {
    const failed = this.#waiting;
    this.#waiting = [];
    for (const { handler } of failed) handler.onResponseError(undefined, error);
  }

  /** Those who wait are served first, as they were promised. */
  #finishClosing(): void {
    if (this.#closing === undefined || this.#isOpening || this.#waiting.length > 0) return;
    for (const connection of this.#connections) connection.retire();
    if (this.#connections.size === 0) this.#closing.resolve();
  }
}
