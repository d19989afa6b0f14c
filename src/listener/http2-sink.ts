import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants, sensitiveHeaders } from 'node:http2';
import type { HeaderList } from '../http/header-list.ts';
import { rememberNames } from '../http/remember-names.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import { answerHead, isLastReply, soundTrailers, wholeReply } from './answer-head.ts';
import type { ClientBody } from './client-body.ts';
import type { CuttableSink } from './deliver.ts';
import type { StallWatch } from './stall-watch.ts';
import { stalledFailure } from './stall-watch.ts';

/** The connection of a stream, as far as its answer is concerned. */
export interface Http2StreamOwner {
  readonly stalls: StallWatch;
  /** An answer was begun that is to be the last one on the connection. */
  onClosing(): void;
  /** The stream is over, and its answer told to everybody. */
  onClosed(stream: ServerHttp2Stream, body: ClientBody | undefined): void;
}

export interface Http2SinkOptions {
  readonly stream: ServerHttp2Stream;
  readonly method: string;
  /** Whether the client said that it takes trailers: keeping the stream open for them costs a frame. */
  readonly takesTrailers: boolean;
  readonly body: ClientBody | undefined;
  readonly owner: Http2StreamOwner;
}

/** Node keeps finished streams for a while, so what hangs on one is let go of when it closes; a listener of its own could not be. */
const sinkOf = Symbol('sink');

interface SinkedStream extends ServerHttp2Stream {
  [sinkOf]?: Http2Sink | undefined;
}

/** Writes one answer to an HTTP/2 stream. An answer that is not whole ends with RST_STREAM, never with END_STREAM. */
export class Http2Sink implements CuttableSink {
  /** Of the stall watch. */
  stallSlot: number | undefined;
  readonly #options: Http2SinkOptions;
  readonly #stream: SinkedStream;
  #status: number | undefined;
  #bytesWritten = 0;
  #length: number | undefined;
  #bodyless = false;
  #trailers: HeaderList = [];
  #state: 'open' | 'ended' | 'aborted' = 'open';
  #resume: (() => void) | undefined;
  #hearsDrain = false;
  #cut: ProxyFailure | undefined;
  #whenClosed: WhenClosed | undefined;
  /** As given to Node, which keeps it with the stream. */
  #sent: string[] = none;

  constructor(options: Http2SinkOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#stream.on('error', ignoreError);
    this.#stream.on('close', tellSink);
    this.#stream[sinkOf] = this;
  }

  get status(): number | undefined {
    return this.#status;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  send(reply: Reply): void {
    if (this.#status !== undefined) return this.#answerTwice();
    const { bytes, headers } = wholeReply(reply);
    this.head(reply.status, headers, bytes.length === 0);
    if (bytes.length > 0) this.write(bytes);
    this.end();
    if (isLastReply(reply.headers)) this.#options.owner.onClosing();
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
      if (!this.#isGone()) {
        this.#sent = http2Fields(status, fields);
        this.#stream.respond(this.#sent, { endStream, waitForTrailers });
      }
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
    // Most answers fit, and pay for no listener.
    if (!this.#hearsDrain) this.#stream.on('drain', () => this.#onDrained());
    this.#hearsDrain = true;
    this.#options.owner.stalls.waiting(this);
    return false;
  }

  end(trailers: HeaderList = []): void {
    if (this.#state !== 'open') return;
    const short = this.#length !== undefined && this.#bytesWritten !== this.#length;
    if (this.#status === undefined || short) return this.abort();
    this.#state = 'ended';
    this.#trailers = trailers;
    if (this.#isGone()) return;
    this.#options.owner.stalls.waiting(this);
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
    this.#cut ??= stalledFailure(stallMs);
    this.abort();
  }

  onDrain(resume: () => void): void {
    this.#resume = resume;
  }

  onClose(closed: WhenClosed): void {
    const before = this.#whenClosed;
    this.#whenClosed = before === undefined ? closed : inTurn(before, closed);
  }

  /** To be called once, when the stream is over. */
  closed(): void {
    this.#options.owner.stalls.moved(this);
    const { stream, body, owner } = this.#options;
    this.#whenClosed?.(this.#state === 'ended' && stream.writableFinished, this.#cut);
    // A listener for 'drain' leads here still.
    this.#whenClosed = undefined;
    this.#resume = undefined;
    this.#sent.length = 0;
    owner.onClosed(stream, body);
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
    this.#options.owner.stalls.moved(this);
    this.#resume?.();
  }
}

const none: string[] = [];

type WhenClosed = Parameters<CuttableSink['onClose']>[0];

function inTurn(first: WhenClosed, second: WhenClosed): WhenClosed {
  return (complete, cut) => {
    first(complete, cut);
    second(complete, cut);
  };
}

/** The head as HTTP/2 has it: names in lower case (RFC 9113 section 8.2.1). */
function http2Fields(status: number, fields: HeaderList): string[] {
  const list = [':status', String(status), ...fields];
  for (let index = 2; index < list.length; index += 2) list[index] = lowerName(list[index] ?? '');
  return Object.assign(list, neverIndexed);
}

// A reference of its own in each answer: put into the compression table, they would push out of it what comes again, and each further one
// would be compared with all those before (RFC 7541 section 6.2.3).
const neverIndexed = { [sensitiveHeaders]: ['x-request-id'] };

const lowerName = rememberNames((name) => name.toLowerCase());

function fieldObject(headers: HeaderList): OutgoingHttpHeaders {
  const fields = new Map<string, string[]>();
  // Node throws at a malformed one, in an event that nobody catches.
  const sound = soundTrailers(headers);
  for (let index = 0; index + 1 < sound.length; index += 2) {
    const lower = (sound[index] ?? '').toLowerCase();
    fields.set(lower, [...(fields.get(lower) ?? []), sound[index + 1] ?? '']);
  }
  return Object.fromEntries(fields);
}

function tellSink(this: SinkedStream): void {
  const sink = this[sinkOf];
  this[sinkOf] = undefined;
  sink?.closed();
}

function ignoreError(): void {
  // 'close' follows and tells whether the answer was whole.
}
