import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import { answerHead, isLastReply, soundTrailers, wholeReply, withoutFraming } from './answer-head.ts';
import { fieldLines, statusLine } from './answer-text.ts';
import type { CuttableSink } from './deliver.ts';
import type { StallWatch } from './stall-watch.ts';
import { stalledFailure } from './stall-watch.ts';

/** The connection that an answer of the lane is written to, one answer at a time. */
export interface LaneWire {
  readonly stalls: StallWatch;
  /** Nothing that is written arrives any more. */
  readonly isGone: boolean;
  /** Everything that was written was handed to the transport. */
  readonly isFlushed: boolean;
  /** False when the client reads more slowly than is written. `onWritten`: nothing refers to the bytes any more. */
  write(data: string | Uint8Array, onWritten?: () => void): boolean;
  /** What is written until the end of this tick goes out as one. */
  hold(): void;
  /** The last fields of a head: time, and what becomes of the connection, which is decided here. */
  lastFields(closes: boolean, hasDate: boolean): string;
  destroy(): void;
  /** The answer is over. */
  over(): void;
}

/**
 * Writes one answer as HTTP/1.1 without Node's `ServerResponse`. An answer that is not whole ends with its connection, so that nobody takes
 * it for whole. The head waits for the first bytes of the body until the end of the tick: mostly one write is the whole answer.
 */
export class LaneSink implements CuttableSink {
  readonly takesLoans = true;
  /** Of the stall watch. */
  stallSlot: number | undefined;
  readonly #wire: LaneWire;
  readonly #method: string;
  #status: number | undefined;
  #bytesWritten = 0;
  #length: number | undefined;
  #bodyless = false;
  #chunked = false;
  /** Not written yet. */
  #head = '';
  #state: 'open' | 'ended' | 'aborted' | 'over' = 'open';
  #resume: (() => void) | undefined;
  #cut: ProxyFailure | undefined;
  readonly #whenClosed: Parameters<CuttableSink['onClose']>[0][] = [];

  constructor(wire: LaneWire, method: string) {
    this.#wire = wire;
    this.#method = method;
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
    this.#begin(reply.status, headers, isLastReply(reply.headers));
    if (bytes.length > 0) this.write(bytes);
    this.end();
  }

  informational(status: number, headers: HeaderList): void {
    // 100 is nobody's: a request of the lane has no body that could be waited for.
    if (status <= 101 || status > 199 || this.#status !== undefined || this.#state !== 'open' || this.#wire.isGone) return;
    const lines = fieldLines(withoutFraming(headers));
    // Malformed: a 1xx is only a hint, the answer comes without it.
    if (lines !== undefined) this.#wire.write(`${statusLine(status)}${lines}\r\n`);
  }

  head(status: number, headers: HeaderList, isWhole = false): void {
    if (this.#status !== undefined) return this.#answerTwice();
    this.#begin(status, headers, false);
    if (!isWhole) process.nextTick(sendHead, this);
  }

  /** The head of a stream of events must not wait for its first event. */
  sendHead(): void {
    if (this.#head === '' || this.#state !== 'open' || this.#wire.isGone) return;
    this.#wire.write(this.#takeHead());
  }

  write(chunk: Uint8Array, giveBack?: () => void): boolean {
    if (!this.#takes(chunk.length)) {
      giveBack?.();
      return true;
    }
    const onWritten = giveBack === undefined ? undefined : () => this.#onTaken(giveBack);
    const isTaken = this.#chunked ? this.#writeChunk(chunk, onWritten) : this.#writeBytes(chunk, onWritten);
    // What is lent holds up the upstream until the client has taken it, like a buffer that is full.
    if (!isTaken || giveBack !== undefined) this.#wire.stalls.waiting(this);
    return isTaken;
  }

  end(trailers?: HeaderList): void {
    if (this.#state !== 'open') return;
    const short = this.#length !== undefined && this.#bytesWritten !== this.#length;
    if (this.#status === undefined || short) return this.abort();
    this.#state = 'ended';
    // Its 'close' follows and tells that nobody got the answer.
    if (this.#wire.isGone) return;
    this.#wire.stalls.waiting(this);
    const rest = this.#takeHead() + (this.#chunked ? `0\r\n${fieldLines(soundTrailers(trailers ?? [])) ?? ''}\r\n` : '');
    if (rest !== '') this.#wire.write(rest);
    else if (this.#wire.isFlushed) process.nextTick(tellFlushed, this);
  }

  abort(): void {
    if (this.#state === 'over') return;
    this.#state = 'aborted';
    this.#wire.destroy();
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

  onClose(closed: Parameters<CuttableSink['onClose']>[0]): void {
    this.#whenClosed.push(closed);
  }

  /** For the connection: everything that was written has been handed to the transport. */
  flushed(): void {
    if (this.#state === 'ended') this.#close(true);
  }

  /** For the connection: the client can take more. */
  drained(): void {
    // Whoever does not want to hear of it writes without an end: what was taken is no sign that the rest will be.
    if (this.#resume === undefined) return;
    this.#wire.stalls.moved(this);
    this.#resume();
  }

  /** For the connection: it is gone. */
  disconnected(): void {
    if (this.#state !== 'over') this.#close(false);
  }

  /** Of an answer that is whole already nothing is spoilt by whoever comes with another one too late; half of one must not look whole. */
  #answerTwice(): void {
    if (this.#state === 'open') this.abort();
  }

  /** Whether so many bytes more are to be written. */
  #takes(length: number): boolean {
    if (this.#state !== 'open' || this.#bodyless || this.#wire.isGone) return false;
    this.#bytesWritten += length;
    // Bytes beyond the announced length would be read as the next answer, and those without a head as one.
    if (this.#status === undefined || (this.#length !== undefined && this.#bytesWritten > this.#length)) {
      this.abort();
      return false;
    }
    // Written as a chunk, nothing would be the end of the answer.
    return length > 0;
  }

  #onTaken(giveBack: () => void): void {
    // An answer that has ended waits for its client until everything was taken.
    if (this.#state === 'open') this.#wire.stalls.moved(this);
    giveBack();
  }

  #begin(status: number, headers: HeaderList, isLast: boolean): void {
    const { fields, length, bodyless, hasDate } = answerHead(this.#method, status, headers);
    const lines = fieldLines(fields);
    if (lines === undefined) throw new ProxyFailure('upstream-broken', 'Cannot send the answer: its header is malformed');
    // RFC 9110 section 15.5.20: a 421 says that this connection is the wrong one.
    const last = this.#wire.lastFields(isLast || status === 421, hasDate);
    this.#status = status;
    this.#length = length;
    this.#bodyless = bodyless;
    this.#chunked = !bodyless && length === undefined;
    this.#head = `${statusLine(status)}${lines}${last}${this.#chunked ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n'}`;
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = '';
    return head;
  }

  #writeBytes(chunk: Uint8Array, onWritten: (() => void) | undefined): boolean {
    const head = this.#takeHead();
    if (head === '') return this.#wire.write(chunk, onWritten);
    if (chunk.length <= mostCopied) return this.#wire.write(joined(head, chunk), onWritten);
    this.#wire.hold();
    this.#wire.write(head);
    return this.#wire.write(chunk, onWritten);
  }

  #writeChunk(chunk: Uint8Array, onWritten: (() => void) | undefined): boolean {
    this.#wire.hold();
    this.#wire.write(`${this.#takeHead()}${chunk.length.toString(16)}\r\n`);
    this.#wire.write(chunk, onWritten);
    return this.#wire.write('\r\n');
  }

  #close(complete: boolean): void {
    this.#state = 'over';
    this.#wire.stalls.moved(this);
    for (const closed of this.#whenClosed) closed(complete, this.#cut);
    this.#wire.over();
  }
}

/** Up to here copying is cheaper than a write of two pieces. */
const mostCopied = 16 * 1024;

function joined(head: string, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}

function sendHead(sink: LaneSink): void {
  sink.sendHead();
}

function tellFlushed(sink: LaneSink): void {
  sink.flushed();
}
