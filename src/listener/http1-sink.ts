import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import { answerHead, isLastReply, soundTrailers, wholeReply, withoutFraming } from './answer-head.ts';
import type { CuttableSink } from './deliver.ts';
import type { SinkOptions } from './sink-options.ts';
import { stalledFailure } from './stall-watch.ts';

export interface Http1SinkOptions extends SinkOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the connection ends with this answer, asked when its head is written. */
  mustClose(): boolean;
}

/** Writes one answer as HTTP/1.1. An answer that is not whole ends with its connection, so that nobody takes it for whole. */
export class Http1Sink implements CuttableSink {
  /** Of the stall watch. */
  stallSlot: number | undefined;
  readonly #options: Http1SinkOptions;
  readonly #response: ServerResponse;
  #status: number | undefined;
  #bytesWritten = 0;
  #length: number | undefined;
  #bodyless = false;
  #lingering = false;
  #state: 'open' | 'ended' | 'aborted' = 'open';
  #resume: (() => void) | undefined;
  #cut: ProxyFailure | undefined;
  readonly #whenClosed: Parameters<CuttableSink['onClose']>[0][] = [];

  constructor(options: Http1SinkOptions) {
    this.#options = options;
    this.#response = options.response;
    this.#response.on('error', ignoreError);
    this.#response.once('close', () => this.#onClose());
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
    this.#writeHead(reply.status, headers, isLastReply(reply.headers));
    if (bytes.length > 0) this.write(bytes);
    this.end();
  }

  informational(status: number, headers: HeaderList): void {
    const { httpVersionMinor } = this.#options.request;
    // 100 is ours: it was sent when the body was first read.
    if (httpVersionMinor === 0 || status <= 101 || status > 199 || this.#status !== undefined || this.#state !== 'open') return;
    // Behind an answer that is still on its way Node would write it after the head of the final one, as the beginning of the body.
    if (this.#response.socket === null) return;
    try {
      this.#response.writeInformation(status, withoutFraming(headers));
    } catch {
      // Malformed: a 1xx is only a hint, the answer comes without it.
    }
  }

  head(status: number, headers: HeaderList, isWhole = false): void {
    if (this.#status !== undefined) return this.#answerTwice();
    this.#writeHead(status, headers);
    if (isWhole) return;
    // The head of a stream of events must not wait for its first event; but mostly the body follows in this tick, and one write is cheaper.
    process.nextTick(() => {
      if (this.#bytesWritten === 0 && this.#state === 'open') this.#response.flushHeaders();
    });
  }

  /** Behind an answer that is still on its way Node keeps what is written, and does not say when it throws it away. */
  get takesLoans(): boolean {
    return this.#response.socket !== null;
  }

  write(chunk: Uint8Array, giveBack?: () => void): boolean {
    if (!this.#takes(chunk.length)) {
      giveBack?.();
      return true;
    }
    const isTaken = giveBack === undefined ? this.#response.write(chunk) : this.#response.write(chunk, () => this.#onTaken(giveBack));
    // What is lent holds up the upstream until the client has taken it, like a buffer that is full.
    if (!isTaken || giveBack !== undefined) this.#options.stalls.waiting(this);
    return isTaken;
  }

  end(trailers?: HeaderList): void {
    if (this.#state !== 'open') return;
    const short = this.#length !== undefined && this.#bytesWritten !== this.#length;
    if (this.#status === undefined || short) return this.abort();
    this.#state = 'ended';
    if (trailers !== undefined && trailers.length > 0) this.#response.addTrailers(pairsOf(soundTrailers(trailers)));
    this.#options.stalls.waiting(this);
    const { body, limits } = this.#options;
    if (this.#lingering) body?.discard(limits, () => this.#response.end());
    else this.#response.end();
  }

  abort(): void {
    if (this.#response.writableFinished) return;
    this.#state = 'aborted';
    this.#options.request.socket.destroy();
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
    if (this.#resume === undefined) this.#response.on('drain', () => this.#onDrained());
    this.#resume = resume;
  }

  onClose(closed: Parameters<CuttableSink['onClose']>[0]): void {
    this.#whenClosed.push(closed);
  }

  /** Of an answer that is whole already nothing is spoilt by whoever comes with another one too late; half of one must not look whole. */
  #answerTwice(): void {
    if (this.#state === 'open') this.abort();
  }

  /** Whether so many bytes more are to be written. */
  #takes(length: number): boolean {
    // Node loses the callback of what is written for a socket that is ending.
    if (this.#state !== 'open' || this.#bodyless || this.#response.destroyed || this.#response.socket?.writable === false) return false;
    this.#bytesWritten += length;
    // Bytes beyond the announced length would be read as the next answer.
    const isTooMuch = this.#length !== undefined && this.#bytesWritten > this.#length;
    if (isTooMuch) this.abort();
    return !isTooMuch;
  }

  #onTaken(giveBack: () => void): void {
    // An answer that has ended waits for its client until everything was taken.
    if (this.#state === 'open') this.#options.stalls.moved(this);
    giveBack();
  }

  #writeHead(status: number, headers: HeaderList, isLast = false): void {
    const { request, body } = this.#options;
    const { fields, length, bodyless } = answerHead(request.method ?? '', status, headers);
    const bodyLeft = body !== undefined && !request.complete;
    // RFC 9110 section 15.5.20: a 421 says that this connection is the wrong one.
    const closes = isLast || bodyLeft || status === 421 || this.#options.mustClose();
    const sent = closes ? [...fields, 'Connection', 'close'] : [...fields];
    try {
      if (status === 495) this.#response.writeHead(status, 'SSL Certificate Error', sent);
      else this.#response.writeHead(status, sent);
    } catch (cause) {
      throw new ProxyFailure('upstream-broken', 'Cannot send the answer: its header is malformed', { cause });
    }
    if (closes) this.#options.onClosing();
    this.#status = status;
    this.#length = length;
    this.#bodyless = bodyless;
    // A client that still waits for `100 Continue` sends nothing that would have to be read away.
    this.#lingering = bodyLeft && (request.headers.expect === undefined || body.wasAsked);
  }

  #onDrained(): void {
    this.#options.stalls.moved(this);
    this.#resume?.();
  }

  #onClose(): void {
    this.#options.stalls.moved(this);
    const complete = this.#state === 'ended' && this.#response.writableFinished;
    for (const closed of this.#whenClosed) closed(complete, this.#cut);
  }
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []));
}

function ignoreError(): void {
  // 'close' follows and tells whether the answer was whole.
}
