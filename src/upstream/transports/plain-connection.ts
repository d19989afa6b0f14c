import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { HeaderList } from '../../http/header-list.ts';
import type { EndpointTarget } from '../endpoint.ts';
import type { AnswerController, AnswerHandler, UpstreamRequest } from '../transport.ts';
import { ConnectTimeout, ConnectionEnded, IllegalAnswer } from './answer-error.ts';
import { AnswerParser } from './answer-parser.ts';
import { restingMs } from './keep-alive.ts';
import { ReadBuffer } from './read-buffer.ts';
import { requestText } from './request-text.ts';
import { Unsendable } from './unsendable.ts';

/** What connections tell whoever keeps them. */
export interface ConnectionKeeper {
  readonly target: Exclude<EndpointTarget, { readonly kind: 'tls' }>;
  readonly connectTimeoutMs: number;
  /** Its exchange is over, and it can carry another one. */
  onIdle(connection: PlainConnection): void;
  /** Called once, when it carries no exchange any more and never will. */
  onGone(connection: PlainConnection): void;
}

const probeMs = 60_000;

/**
 * One connection without TLS that carries one exchange after the other in HTTP/1.1, and is the controller of the one it carries. A byte that
 * is part of no answer ends it: it could be the beginning of an answer to somebody else ("response smuggling").
 */
export class PlainConnection implements AnswerController {
  /** For whoever keeps it: the moment in which it went idle, and for how many milliseconds from then on it may be used again. */
  idleSince = 0;
  restMs: number = restingMs('');
  readonly #keeper: ConnectionKeeper;
  readonly #socket: Socket;
  readonly #parser = new AnswerParser();
  readonly #buffer = new ReadBuffer(() => this.#flow());
  readonly #connecting: NodeJS.Timeout;
  /** Undefined while it is idle, and when it is over. */
  #handler: AnswerHandler | undefined;
  #request: UpstreamRequest | undefined;
  #keepAlive = '';
  #isGone = false;
  #wasUsed = false;
  /** A byte of the answer came. */
  #isAnswered = false;
  #isPaused = false;
  /** In the midst of a read, whose end decides about the next one. */
  #isReading = false;
  #isReferenced = true;

  /** Opens it for an exchange, which begins when it is open. */
  constructor(keeper: ConnectionKeeper, request: UpstreamRequest, handler: AnswerHandler) {
    this.#keeper = keeper;
    this.#request = request;
    this.#handler = handler;
    const { target, connectTimeoutMs } = keeper;
    this.#socket = connect({
      ...(target.kind === 'unix' ? { path: target.socketPath } : { host: target.hostname, port: target.port }),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: probeMs,
      onread: { buffer: () => this.#buffer.next(this.#handler?.takesLoans === true), callback: (length) => this.#read(length) },
    });
    this.#connecting = setTimeout(() => this.#fail(new ConnectTimeout(connectTimeoutMs)), connectTimeoutMs);
    this.#socket.once('connect', () => {
      clearTimeout(this.#connecting);
      this.#begin();
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.once('end', () => this.#onEnd());
    this.#socket.once('close', () => this.#onEnd());
  }

  get fields(): HeaderList {
    return this.#parser.fields;
  }

  get trailers(): HeaderList {
    return this.#parser.trailers;
  }

  get isWhole(): boolean {
    return this.#parser.isWhole;
  }

  /** Sends a request over a connection that is idle. */
  send(request: UpstreamRequest, handler: AnswerHandler): void {
    this.#request = request;
    this.#handler = handler;
    this.#isAnswered = false;
    if (!this.#isReferenced) {
      this.#isReferenced = true;
      this.#socket.ref();
    }
    this.#begin();
  }

  /** Nobody needs it for now: the process may end without it. */
  rest(): void {
    if (!this.#isReferenced) return;
    this.#isReferenced = false;
    this.#socket.unref();
  }

  /** Ends it, and what it carries without a word to its handler. */
  abort(): void {
    this.#handler = undefined;
    this.#end();
  }

  pause(): void {
    if (this.#isGone || this.#isPaused) return;
    this.#isPaused = true;
    this.#flow();
  }

  resume(): void {
    if (this.#isGone || !this.#isPaused) return;
    this.#isPaused = false;
    this.#flow();
  }

  #flow(): void {
    if (this.#isGone || this.#isReading) return;
    if (this.#mayRead) this.#socket.resume();
    else this.#socket.pause();
  }

  get #mayRead(): boolean {
    return !this.#isPaused && !this.#buffer.isLent;
  }

  #begin(): void {
    const request = this.#request;
    const handler = this.#handler;
    if (request === undefined || handler === undefined) return;
    handler.onRequestStart(this);
    if (this.#isGone) return;
    const isHead = request.method === 'HEAD';
    // Some servers send a body with their answer to HEAD: nobody else's answer may come behind it.
    const text = requestText(request, !isHead);
    if (text === undefined) return this.#fail(new Unsendable('The request can not be said in HTTP/1.1'));
    this.#parser.begin(isHead);
    this.#socket.write(text, 'latin1');
  }

  #read(length: number): boolean {
    const handler = this.#handler;
    if (handler === undefined) {
      this.#end();
      return true;
    }
    this.#isReading = true;
    this.#buffer.filled(length);
    try {
      if (!this.#isAnswered) {
        this.#isAnswered = true;
        handler.onResponseStarted();
      }
      this.#parser.feed(this.#buffer.bytes, length);
      this.#takeParts(handler);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error('The answer could not be taken', { cause: error }));
    }
    this.#isReading = false;
    return this.#mayRead;
  }

  #takeParts(handler: AnswerHandler): void {
    const parser = this.#parser;
    // Whoever takes a part may give up the whole.
    while (this.#handler === handler) {
      switch (parser.next()) {
        case 'head':
          handler.onResponseStart(this, parser.status);
          break;
        case 'body':
          this.#handOn(handler, parser.bodyFrom, parser.bodyTo);
          break;
        case 'end':
          return this.#finish(handler);
        case 'broken':
          return this.#fail(new IllegalAnswer());
        case 'more':
          return;
      }
    }
  }

  #handOn(handler: AnswerHandler, from: number, to: number): void {
    const loan = this.#buffer.lend(from, to);
    handler.onResponseData(this, loan?.bytes ?? this.#buffer.take(from, to), loan?.giveBack);
  }

  #finish(handler: AnswerHandler): void {
    const mayStay = this.#mayStay();
    this.#handler = undefined;
    handler.onResponseEnd(this);
    if (!mayStay) return this.#end();
    this.#wasUsed = true;
    this.#request = undefined;
    this.#buffer.release();
    // Read on: the end of an idle connection, and bytes that nobody asked for, must be noticed.
    this.resume();
    this.#keeper.onIdle(this);
  }

  #mayStay(): boolean {
    const { persists, keepAlive, left } = this.#parser;
    // An answer that came before its request was sent whole was none to it.
    if (!persists || left > 0 || this.#socket.writableLength > 0) return false;
    // Mostly the same each time.
    if (keepAlive !== this.#keepAlive) {
      this.#keepAlive = keepAlive;
      this.restMs = restingMs(keepAlive);
    }
    return this.restMs > 0;
  }

  get #isStale(): boolean {
    return this.#wasUsed && !this.#isAnswered;
  }

  /** The upstream ended its half. What was still to be sent has nobody to answer it. */
  #onEnd(): void {
    const handler = this.#handler;
    if (handler === undefined) return this.#end();
    if (!this.#parser.close()) return this.#fail(new ConnectionEnded(this.#isStale));
    this.#handler = undefined;
    handler.onResponseEnd(this);
    this.#end();
  }

  #fail(error: Error): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#end();
    handler?.onResponseError(this, error);
  }

  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#connecting);
    this.#socket.destroy();
    // Only now: nothing is read into it any more.
    this.#buffer.release();
    this.#keeper.onGone(this);
  }
}
