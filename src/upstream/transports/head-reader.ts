import { largestHeadBytes } from './answer-limits.ts';
import { endsInCrLf, isFieldText, readFieldLine } from './field-line.ts';

const protocol = 'HTTP/1.';
const shortestStatusLine = 'HTTP/1.1 200'.length;
const space = 32;
const digitZero = 48;
/** So much is turned into text at once: most heads, and little of the body behind them. */
const windowBytes = 1024;

export type HeadOutcome = 'more' | 'whole' | 'broken';

/**
 * Reads the head of an answer, or the trailers behind it, in whatever pieces they come: lines up to the empty one, each judged when it is
 * whole. What it hands out is proven: names are tokens, and values hold no control character but TAB.
 */
export class HeadReader {
  /** Where the bytes behind the empty line begin, once all is there. */
  end = 0;
  status = 0;
  /** Of the protocol: HTTP/1.0 or HTTP/1.1. */
  minor = 1;
  fields: string[] = [];
  #wantsStatusLine = true;
  /** Of the line that is not whole yet. */
  #part = '';
  #size = 0;

  /** Trailers have no status line. */
  begin(wantsStatusLine: boolean): void {
    this.fields = [];
    this.#wantsStatusLine = wantsStatusLine;
    this.#part = '';
    this.#size = 0;
  }

  /** Reads on between two places of `bytes`. */
  read(bytes: Buffer, from: number, to: number): HeadOutcome {
    for (let at = from; at < to; at += windowBytes) {
      const until = Math.min(at + windowBytes, to);
      const outcome = this.#readWindow(bytes, at, until);
      this.#size += (outcome === 'whole' ? this.end : until) - at;
      if (this.#size > largestHeadBytes) return 'broken';
      if (outcome !== 'more') return outcome;
    }
    return 'more';
  }

  #readWindow(bytes: Buffer, from: number, to: number): HeadOutcome {
    const piece = bytes.toString('latin1', from, to);
    // What has no end of a line is only put aside: a line that comes byte by byte is not looked through from its start each time.
    if (this.#part !== '' && !piece.includes('\n')) return this.#putAside(piece);
    const text = this.#part + piece;
    let at = 0;
    for (let lineFeed = text.indexOf('\n'); lineFeed !== -1; lineFeed = text.indexOf('\n', at)) {
      if (!endsInCrLf(text, at, lineFeed)) return 'broken';
      if (lineFeed === at + 1) return this.#finish(from - this.#part.length + lineFeed + 1);
      if (!this.#readLine(text, at, lineFeed - 1)) return 'broken';
      at = lineFeed + 1;
    }
    this.#part = '';
    return this.#putAside(text.slice(at));
  }

  #putAside(piece: string): HeadOutcome {
    const isBegun = this.#part.length >= protocol.length;
    this.#part += piece;
    // Another protocol is refused at its first bytes: a server that speaks first may be waiting for us after them.
    if (!this.#wantsStatusLine || isBegun || protocol.startsWith(this.#part.slice(0, protocol.length))) return 'more';
    return 'broken';
  }

  #finish(end: number): HeadOutcome {
    this.end = end;
    return this.#wantsStatusLine ? 'broken' : 'whole';
  }

  #readLine(text: string, from: number, to: number): boolean {
    if (!this.#wantsStatusLine) return readFieldLine(text, from, to, this.fields);
    this.#wantsStatusLine = false;
    return this.#readStatusLine(text, from, to);
  }

  #readStatusLine(text: string, from: number, to: number): boolean {
    if (to - from < shortestStatusLine || !text.startsWith(protocol, from)) return false;
    this.minor = digit(text, from + 7);
    this.status = digit(text, from + 9) * 100 + digit(text, from + 10) * 10 + digit(text, from + 11);
    const hasReason = to > from + shortestStatusLine;
    if (text.charCodeAt(from + 8) !== space || (hasReason && text.charCodeAt(from + shortestStatusLine) !== space)) return false;
    // What is no digit makes no number, and no number is as large.
    return this.minor <= 1 && this.status >= 100 && isFieldText(text, from + shortestStatusLine, to);
  }
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - digitZero;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
