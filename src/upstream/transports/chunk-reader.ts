const carriageReturn = 13;
const lineFeed = 10;
const semicolon = 59;
/** Exact as a number, and more than anybody sends at once. */
const mostDigits = 13;
const longestExtension = 1024;

// RFC 9112 section 7.1.1, without the blanks around `=` and `;` that it calls bad, and without escapes in quotes.
const extensions = /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[\t !\x23-\x5b\x5d-\x7e\x80-\xff]*"))?)+$/;

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf';

/** `last`: the line of the last chunk was read, and the trailers begin at `at`. `more`: all bytes were read. */
export type ChunkOutcome = 'more' | 'last' | 'broken';

/** Reads a body in chunks, in whatever pieces they come. */
export class ChunkReader {
  /** The first byte that was not read. */
  at = 0;
  /** The data that was found, moved together within the bytes that were read. */
  dataFrom = 0;
  dataTo = 0;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extension = '';

  begin(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#extension = '';
  }

  /** Reads on between two places of `bytes`, which may change: what frames the data is overwritten with it. */
  read(bytes: Buffer, from: number, to: number): ChunkOutcome {
    this.at = from;
    this.dataFrom = from;
    this.dataTo = from;
    while (this.at < to) {
      if (this.#state === 'data') {
        this.#takeData(bytes, to);
        continue;
      }
      const byte = bytes[this.at] ?? 0;
      this.at += 1;
      if (!this.#take(byte)) return 'broken';
      if (this.#isLast) return 'last';
    }
    return 'more';
  }

  /** The line of a chunk without data was read. */
  get #isLast(): boolean {
    return this.#state === 'data' && this.#size === 0;
  }

  #takeData(bytes: Buffer, to: number): void {
    const until = Math.min(this.at + this.#size, to);
    if (this.dataTo === this.dataFrom) this.dataFrom = this.dataTo = this.at;
    if (this.dataTo !== this.at) bytes.copyWithin(this.dataTo, this.at, until);
    this.dataTo += until - this.at;
    this.#size -= until - this.at;
    this.at = until;
    if (this.#size === 0) this.#state = 'data-cr';
  }

  /** One byte of what frames the data; false where it may not stand there. */
  #take(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#takeDigit(byte);
      case 'extension':
        return this.#takeExtension(byte);
      case 'size-end':
        this.#state = 'data';
        return byte === lineFeed;
      case 'data-cr':
        this.#state = 'data-lf';
        return byte === carriageReturn;
      case 'data-lf':
        this.begin();
        return byte === lineFeed;
      case 'data':
        return false;
    }
  }

  #takeDigit(byte: number): boolean {
    const value = hexDigit(byte);
    if (value !== -1) {
      this.#size = this.#size * 16 + value;
      this.#digits += 1;
      return this.#digits <= mostDigits;
    }
    if (byte === semicolon) {
      this.#state = 'extension';
      this.#extension = ';';
    } else this.#state = 'size-end';
    return this.#digits > 0 && (byte === semicolon || byte === carriageReturn);
  }

  #takeExtension(byte: number): boolean {
    if (byte === carriageReturn) {
      this.#state = 'size-end';
      return extensions.test(this.#extension);
    }
    this.#extension += String.fromCharCode(byte);
    return this.#extension.length <= longestExtension;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
