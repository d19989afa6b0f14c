import type { HeaderList } from '../../http/header-list.ts';
import { readFraming } from './answer-framing.ts';
import { ChunkReader } from './chunk-reader.ts';
import { HeadReader } from './head-reader.ts';

/**
 * What was found: a head, interim ones included; a piece of the body, between `bodyFrom` and `bodyTo` of the bytes that were fed; the end
 * of the answer. `more`: all bytes were read. `broken`: this is no answer, or none that every reader reads alike.
 */
export type AnswerPart = 'head' | 'body' | 'end' | 'more' | 'broken';

type State = 'idle' | 'head' | 'by-length' | 'in-chunks' | 'until-close' | 'trailers' | 'at-end' | 'broken';

const switchingProtocols = 101;
const noFields: HeaderList = [];
const noBytes = Buffer.alloc(0);

/**
 * Reads one answer after the other as HTTP/1.1, in whatever pieces they come. Whatever `llhttp` refuses in its strict mode is refused,
 * and a little more; what is handed out is proven, and need not be judged again.
 */
export class AnswerParser {
  /** Of the head that was read last. */
  status = 0;
  fields: HeaderList = noFields;
  /** Nothing follows that head, and the answer ends with it. */
  isWhole = false;
  /** Of the answer that has ended. */
  trailers: HeaderList = noFields;
  /** Whether another request may follow the answer over its connection. */
  persists = false;
  /** The value of `Keep-Alive` in the last head. */
  keepAlive = '';
  bodyFrom = 0;
  bodyTo = 0;
  readonly #head = new HeadReader();
  readonly #chunks = new ChunkReader();
  #state: State = 'idle';
  #answersHead = false;
  #bodyLeft = 0;
  #bytes: Buffer = noBytes;
  #at = 0;
  #end = 0;

  /** A request was sent: bytes that come are its answer. That to HEAD has no body. */
  begin(isHead: boolean): void {
    this.#state = 'head';
    this.#answersHead = isHead;
    this.#head.begin(true);
    this.trailers = noFields;
  }

  /** Takes the first `length` of `bytes`; what is left of the bytes before is forgotten. They may be changed. */
  feed(bytes: Buffer, length: number): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = length;
  }

  /** To be called until it says `more` or `broken`. Where nothing was asked, or was answered already, a single byte is too much. */
  next(): AnswerPart {
    if (this.#state === 'at-end') return this.#finish();
    if (this.#state === 'broken') return 'broken';
    if (this.#at === this.#end) return 'more';
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'by-length':
        return this.#readLength();
      case 'in-chunks':
        return this.#readChunks();
      case 'until-close':
        return this.#handOut(this.#at, this.#end);
      case 'trailers':
        return this.#readTrailers();
      case 'idle':
        return this.#break();
    }
  }

  /** How many bytes are left of what was fed. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** The upstream closed the connection: true where that was the end of the answer, which then has no trailers. */
  close(): boolean {
    const isEnd = this.#state === 'until-close';
    this.#state = 'idle';
    return isEnd;
  }

  #readHead(): AnswerPart {
    const outcome = this.#head.read(this.#bytes, this.#at, this.#end);
    if (outcome !== 'whole') return outcome === 'more' ? this.#readAll() : this.#break();
    this.#at = this.#head.end;
    this.status = this.#head.status;
    this.fields = this.#head.fields;
    const framing = readFraming(this.fields, this.#head.minor);
    // Nobody asked for another protocol: what comes next could be anything.
    if (framing === undefined || this.status === switchingProtocols) return this.#break();
    this.persists = framing.persists;
    this.keepAlive = framing.keepAlive;
    this.isWhole = false;
    if (this.status < 200) {
      // The answer is still to come over this connection (RFC 9110 section 15.2).
      if (!framing.persists) return this.#break();
      this.#head.begin(true);
      return 'head';
    }
    this.#expectBody(framing.length, framing.isChunked);
    return 'head';
  }

  /** RFC 9112 section 6.3. */
  #expectBody(length: number | undefined, isChunked: boolean): void {
    const isBodyless = this.status === 204 || this.status === 304;
    if (this.#answersHead || isBodyless || length === 0) {
      // A body may follow all the same, from those who got it wrong: the next answer would begin with it.
      if (this.#answersHead || isChunked || (length ?? 0) > 0) this.persists = false;
      this.isWhole = true;
      this.#state = 'at-end';
    } else if (isChunked) {
      this.#chunks.begin();
      this.#state = 'in-chunks';
    } else if (length !== undefined) {
      this.#bodyLeft = length;
      this.#state = 'by-length';
    } else {
      this.persists = false;
      this.#state = 'until-close';
    }
  }

  #readLength(): AnswerPart {
    const from = this.#at;
    const to = Math.min(this.#end, from + this.#bodyLeft);
    this.#bodyLeft -= to - from;
    if (this.#bodyLeft === 0) this.#state = 'at-end';
    return this.#handOut(from, to);
  }

  #readChunks(): AnswerPart {
    const outcome = this.#chunks.read(this.#bytes, this.#at, this.#end);
    const { at, dataFrom, dataTo } = this.#chunks;
    this.#at = at;
    if (outcome === 'broken') this.#state = 'broken';
    if (outcome === 'last') {
      this.#head.begin(false);
      this.#state = 'trailers';
    }
    if (dataFrom === dataTo) return this.next();
    this.bodyFrom = dataFrom;
    this.bodyTo = dataTo;
    return 'body';
  }

  #readTrailers(): AnswerPart {
    const outcome = this.#head.read(this.#bytes, this.#at, this.#end);
    if (outcome !== 'whole') return outcome === 'more' ? this.#readAll() : this.#break();
    this.#at = this.#head.end;
    const framing = readFraming(this.#head.fields, 1);
    // A body that was framed already.
    if (framing === undefined || framing.length !== undefined || framing.isChunked) return this.#break();
    this.trailers = this.#head.fields;
    return this.#finish();
  }

  #handOut(from: number, to: number): AnswerPart {
    this.bodyFrom = from;
    this.bodyTo = to;
    this.#at = to;
    return 'body';
  }

  #readAll(): AnswerPart {
    this.#at = this.#end;
    return 'more';
  }

  #finish(): AnswerPart {
    this.#state = 'idle';
    // A connection may be idle for long, and what it read into is wanted elsewhere.
    if (this.left === 0) this.feed(noBytes, 0);
    return 'end';
  }

  #break(): AnswerPart {
    this.#state = 'broken';
    return 'broken';
  }
}
