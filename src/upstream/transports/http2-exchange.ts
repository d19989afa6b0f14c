import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { constants } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import type { HeaderList } from '../../http/header-list.ts';
import type { AnswerController, AnswerHandler, UpstreamRequest } from '../transport.ts';
import { errorCode } from '../error-code.ts';
import { Http2Failure } from './http2-failure.ts';
import { regularFields } from './http2-head.ts';
import { Unsendable } from './unsendable.ts';
import { startUpload } from './upload.ts';

type AnswerFields = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** What an exchange needs of the connection that carries it. */
export interface StreamOpener {
  open(request: UpstreamRequest): ClientHttp2Stream;
  /** Whether an answer came over it before. */
  readonly wasUsed: boolean;
  readonly isGone: boolean;
}

/** One request and its answer over a stream of HTTP/2. */
export class Http2Exchange implements AnswerController {
  readonly #request: UpstreamRequest;
  readonly #handler: AnswerHandler;
  readonly #wasUsed: boolean;
  readonly #opener: StreamOpener;
  #stream: ClientHttp2Stream | undefined;
  /** The upstream ended its half by END_STREAM. */
  #ended = false;
  #isUploading = false;
  #error: unknown;
  #over = false;
  rawHeaders: HeaderList = [];
  rawTrailers: HeaderList = [];
  isWhole = false;

  constructor(request: UpstreamRequest, handler: AnswerHandler, opener: StreamOpener) {
    this.#request = request;
    this.#handler = handler;
    this.#opener = opener;
    this.#wasUsed = opener.wasUsed;
  }

  /** Returns the stream, or undefined when the handler wants it no more. */
  start(): ClientHttp2Stream | undefined {
    this.#handler.onRequestStart(this);
    if (this.#over) return undefined;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#opener.open(this.#request);
    } catch (cause) {
      this.#fail(new Unsendable('The request can not be said in HTTP/2', { cause }));
      return undefined;
    }
    this.#stream = stream;
    this.#noticeEnd(stream);
    stream.on('headers', (fields: AnswerFields, _flags: number, raw: HeaderList) => this.#head(fields, raw));
    stream.once('response', (fields: AnswerFields, flags: number, raw: HeaderList) => this.#answer(fields, flags, raw));
    stream.on('trailers', (_fields: unknown, _flags: number, raw: HeaderList) => (this.rawTrailers = raw));
    stream.on('error', (error) => (this.#error = error));
    stream.once('end', () => this.#ended && this.#end());
    stream.once('close', () => this.#closed(stream));
    if (this.#request.body !== null) this.#upload(this.#request.body, stream);
    return stream;
  }

  abort(): void {
    this.#finish();
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /**
   * Node ends the reading alike after END_STREAM and after a reset with NO_ERROR, of which the second makes half an answer look whole.
   * They differ in one thing: by then a stream that was reset is closed already.
   */
  #noticeEnd(stream: ClientHttp2Stream): void {
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null && !stream.closed) this.#ended = true;
      return push(chunk, encoding);
    };
  }

  #upload(body: NonNullable<UpstreamRequest['body']>, stream: ClientHttp2Stream): void {
    this.#isUploading = true;
    stream.once('wantTrailers', () => {
      if (stream.destroyed || stream.closed) return;
      this.#isUploading = false;
      stream.sendTrailers(fieldObject(this.#request.trailers?.read() ?? []));
    });
    startUpload({
      body,
      length: this.#request.bodyLength,
      to: stream,
      onMoved: () => this.#handler.onBodySent(),
      onBroken: (error) => this.#fail(error),
    });
  }

  #head(fields: AnswerFields, raw: HeaderList): void {
    if (this.#over) return;
    this.rawHeaders = regularFields(raw);
    this.#handler.onResponseStarted();
    this.#handler.onResponseStart(this, fields[':status'] ?? 0);
  }

  #answer(fields: AnswerFields, flags: number, raw: HeaderList): void {
    this.isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#head(fields, raw);
    if (this.#over) return;
    // Told at once, so that an answer without a body is one frame for the client too: gRPC knows an error by that.
    if (this.isWhole) this.#end();
    else this.#stream?.on('data', (chunk: Buffer) => this.#over || this.#handler.onResponseData(this, chunk));
  }

  #end(): void {
    if (this.#over) return;
    this.#finish();
    this.#handler.onResponseEnd(this);
  }

  #closed(stream: ClientHttp2Stream): void {
    if (this.#over) return;
    // Node resets the streams of a lost connection itself: only of one that lives on it was the upstream.
    const wasReset = errorCode(this.#error) === 'ERR_HTTP2_STREAM_ERROR' || !this.#opener.isGone;
    const resetCode = wasReset ? stream.rstCode : undefined;
    this.#fail(new Http2Failure({ resetCode, wasUsed: this.#wasUsed, cause: this.#error }));
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.#handler.onResponseError(this, error);
  }

  /** Lets go of both halves. What was not sent or read to its end is cancelled, never ended: to the upstream a request cut short would look whole. */
  #finish(): void {
    this.#over = true;
    this.#request.body?.destroy();
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    // Later, because Node ends the process where a stream is cancelled while its connection reads and the end of its body is to be written.
    if (this.#ended && !this.#isUploading) stream.resume();
    else setImmediate(() => addAbortSignal(AbortSignal.abort(), stream));
  }
}

/** Repeated fields as one list (RFC 9110 section 5.3): of some Node takes no second value, and throws where nobody catches. */
function fieldObject(fields: HeaderList): Record<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = [(fields[index] ?? '').toLowerCase(), fields[index + 1] ?? ''];
    const known = joined.get(name);
    joined.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return Object.fromEntries(joined);
}
