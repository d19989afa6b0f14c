import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { HeaderList } from '../http/header-list.ts';
import { isFieldName, isFieldValue } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import { answerHead, framingFields, isLastReply } from './answer-head.ts';
import type { CuttableSink } from './deliver.ts';
import type { SinkOptions } from './sink-options.ts';

export interface Http2SinkOptions extends SinkOptions {
  readonly stream: ServerHttp2Stream;
  readonly method: string;
  /** Whether the client said that it takes trailers: keeping the stream open for them costs a frame. */
  readonly takesTrailers: boolean;
}

/** Writes one answer to an HTTP/2 stream. An answer that is not whole ends with RST_STREAM, never with END_STREAM. */
export class Http2Sink implements CuttableSink {
  /** Of the stall watch. */
  stallSlot: number | undefined;
  readonly #options: Http2SinkOptions;
  readonly #stream: ServerHttp2Stream;
  #status: number | undefined;
  #bytesWritten = 0;
  #length: number | undefined;
  #bodyless = false;
  #trailers: HeaderList = [];
  #state: 'open' | 'ended' | 'aborted' = 'open';
  #resume: (() => void) | undefined;
  #cut: ProxyFailure | undefined;
  readonly #whenClosed: Parameters<CuttableSink['onClose']>[0][] = [];

  constructor(options: Http2SinkOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#stream.on('error', ignoreError);
    this.#stream.once('close', () => this.#onClose());
  }

  get status(): number | undefined {
    return this.#status;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  send(reply: Reply): void {
    if (this.#status !== undefined) return this.#answerTwice();
    const bytes = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    const hasLength = reply.status !== 204 && reply.status !== 304;
    this.head(reply.status, hasLength ? [...reply.headers, 'content-length', String(bytes.length)] : reply.headers, bytes.length === 0);
    if (bytes.length > 0) this.write(bytes);
    this.end();
    if (isLastReply(reply.headers)) this.#options.onClosing();
  }

  informational(status: number, headers: HeaderList): void {
    // 100 is ours: it was sent when the body was first read.
    if (status <= 101 || status > 199 || this.#status !== undefined || this.#isGone()) return;
    try {
      this.#stream.additionalHeaders({ ...fieldObject(headers), ':status': status });
    } catch {
      // Malformed: a 1xx is only a hint, the answer comes without it.
    }
  }

  head(status: number, headers: HeaderList, isWhole = false): void {
    if (this.#status !== undefined) return this.#answerTwice();
    const { fields, length, bodyless } = answerHead(this.#options.method, status, headers);
    // gRPC knows an answer without messages by its being one frame ("Trailers-Only").
    const endStream = bodyless || isWhole;
    const waitForTrailers = !endStream && this.#options.takesTrailers;
    if (waitForTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers());
    try {
      // HTTP/2 has names in lower case (RFC 9113 section 8.2.1).
      const lower = fields.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
      if (!this.#isGone()) this.#stream.respond([':status', String(status), ...lower], { endStream, waitForTrailers });
    } catch (cause) {
      throw new ProxyFailure('upstream-broken', 'Cannot send the answer: its header is malformed', { cause });
    }
    this.#status = status;
    this.#length = length;
    this.#bodyless = bodyless;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#state !== 'open' || this.#bodyless || this.#isGone()) return true;
    this.#bytesWritten += chunk.length;
    if (this.#length !== undefined && this.#bytesWritten > this.#length) {
      this.abort();
      return true;
    }
    if (this.#stream.write(chunk)) return true;
    this.#options.stalls.waiting(this);
    return false;
  }

  end(trailers: HeaderList = []): void {
    if (this.#state !== 'open') return;
    const short = this.#length !== undefined && this.#bytesWritten !== this.#length;
    if (this.#status === undefined || short) return this.abort();
    this.#state = 'ended';
    this.#trailers = trailers;
    if (this.#isGone()) return;
    this.#options.stalls.waiting(this);
    const { body } = this.#options;
    if (body !== undefined) this.#stream.once('finish', () => this.#stopRequest());
    this.#stream.end();
  }

  abort(): void {
    if (this.#stream.destroyed || (this.#state === 'ended' && this.#stream.writableFinished)) return;
    this.#state = 'aborted';
    // `close()` with a code would send what makes the answer look whole before it: Node ends the stream first.
    this.#stream.destroy(new ProxyFailure('internal', 'The answer was not sent to its end'));
  }

  cut(reply: Reply, failure: ProxyFailure): void {
    if (this.#state !== 'open') return;
    this.#cut = failure;
    this.send(reply);
  }

  endStalled(stallMs: number): void {
    this.#cut ??= new ProxyFailure('client-stalled', `The client left bytes of its answer unread for ${stallMs} ms`);
    this.abort();
  }

  onDrain(resume: () => void): void {
    if (this.#resume === undefined) this.#stream.on('drain', () => this.#onDrained());
    this.#resume = resume;
  }

  onClose(closed: Parameters<CuttableSink['onClose']>[0]): void {
    this.#whenClosed.push(closed);
  }

  /** Of an answer that is whole already nothing is spoilt by whoever comes with another one too late; half of one must not look whole. */
  #answerTwice(): void {
    if (this.#state === 'open') this.abort();
  }

  #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #sendTrailers(): void {
    if (!this.#isGone()) this.#stream.sendTrailers(fieldObject(this.#trailers));
  }

  /** RFC 9113 section 8.1: after a whole answer, NO_ERROR asks the client to stop sending what nobody reads. */
  #stopRequest(): void {
    setImmediate(() => {
      if (this.#stream.readableEnded || this.#isGone()) return;
      this.#stream.close(constants.NGHTTP2_NO_ERROR);
      this.#stream.resume();
    });
  }

  #onDrained(): void {
    this.#options.stalls.moved(this);
    this.#resume?.();
  }

  #onClose(): void {
    this.#options.stalls.moved(this);
    const complete = this.#state === 'ended' && this.#stream.writableFinished;
    for (const closed of this.#whenClosed) closed(complete, this.#cut);
    // Node's session remembers finished streams for a while; they must not hold their whole exchange with them.
    this.#whenClosed.length = 0;
    this.#resume = undefined;
  }
}

function fieldObject(headers: HeaderList): OutgoingHttpHeaders {
  const fields = new Map<string, string[]>();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const lower = (headers[index] ?? '').toLowerCase();
    const value = headers[index + 1] ?? '';
    // Node throws at a malformed one, in an event that nobody catches.
    if (framingFields.has(lower) || !isFieldName(lower) || !isFieldValue(value)) continue;
    fields.set(lower, [...(fields.get(lower) ?? []), value]);
  }
  return Object.fromEntries(fields);
}

function ignoreError(): void {
  // 'close' follows and tells whether the answer was whole.
}
