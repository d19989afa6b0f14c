import type { AnswerHandler, Transport, UpstreamRequest } from '../transport.ts';
import type { WaitingRequest } from './http2-transport.ts';
import type { ConnectionKeeper } from './plain-connection.ts';
import { PlainConnection } from './plain-connection.ts';
import { TransportClosed } from './transport-closed.ts';

const sweepMs = 500;

/**
 * HTTP/1.1 to one endpoint without TLS, for requests without a body: as many connections as there are exchanges at a time, and the one that
 * was used last is used first.
 */
export class PlainTransport implements Transport {
  readonly #keeper: ConnectionKeeper;
  readonly #connections = new Set<PlainConnection>();
  #idle: PlainConnection[] = [];
  /** Those whose answer ended in this turn of the event loop. */
  #settling: PlainConnection[] = [];
  #waiting: WaitingRequest[] = [];
  #isTurning = false;
  readonly #atTurn = (): void => this.#turn();
  #sweeping: NodeJS.Timeout | undefined;
  #round = 0;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor({ target, connectTimeoutMs }: Pick<ConnectionKeeper, 'target' | 'connectTimeoutMs'>) {
    this.#keeper = {
      target,
      connectTimeoutMs,
      onIdle: (connection) => this.#keep(connection),
      onGone: (connection) => this.#forget(connection),
    };
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    if (this.#closing !== undefined) return handler.onResponseError(undefined, new TransportClosed());
    if (this.#idle.length + this.#settling.length <= this.#waiting.length) return this.#open(request, handler);
    this.#waiting.push({ request, handler });
    this.#awaitTurn();
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    this.#finishClosing();
    await this.#closing.promise;
  }

  #open(request: UpstreamRequest, handler: AnswerHandler): void {
    this.#connections.add(new PlainConnection(this.#keeper, request, handler));
  }

  #awaitTurn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(this.#atTurn);
  }

  /**
   * The end of a turn of the event loop, when all was read that had come by its beginning: an end, or an answer that nobody asked for, is
   * noticed before somebody uses the connection (GHSA-35p6-xmwp-9g52). One that was in use rests for a turn, because some servers close
   * it though they did not say so.
   */
  #turn(): void {
    this.#isTurning = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const next of waiting) {
      const connection = this.#idle.pop();
      if (connection !== undefined) connection.send(next.request, next.handler);
      else if (this.#waiting.length < this.#settling.length) this.#waiting.push(next);
      else this.#open(next.request, next.handler);
    }
    if (this.#settling.length > 0) this.#settle();
    if (this.#waiting.length > 0) this.#awaitTurn();
    this.#finishClosing();
  }

  #settle(): void {
    for (const connection of this.#settling) this.#idle.push(connection);
    this.#settling = [];
    this.#sweeping ??= setInterval(() => this.#sweep(), sweepMs).unref();
  }

  #keep(connection: PlainConnection): void {
    connection.idleSince = this.#round;
    this.#settling.push(connection);
    this.#awaitTurn();
  }

  #forget(connection: PlainConnection): void {
    this.#connections.delete(connection);
    this.#idle = this.#idle.filter((each) => each !== connection);
    this.#settling = this.#settling.filter((each) => each !== connection);
    this.#finishClosing();
  }

  /** A connection is given up between one round before its time and its time. */
  #sweep(): void {
    this.#round += 1;
    if (this.#idle.length === 0) {
      clearInterval(this.#sweeping);
      this.#sweeping = undefined;
    }
    for (const connection of this.#idle) {
      if ((this.#round - connection.idleSince) * sweepMs >= connection.restMs) connection.abort();
      else connection.rest();
    }
  }

  /** Those who wait are served first, as they were promised. */
  #finishClosing(): void {
    if (this.#closing === undefined || this.#waiting.length + this.#settling.length > 0) return;
    for (const connection of this.#idle) connection.abort();
    if (this.#connections.size > 0) return;
    clearInterval(this.#sweeping);
    this.#closing.resolve();
  }
}
