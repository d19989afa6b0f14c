import { randomFillSync } from 'node:crypto';

/** The serial numbers of a list: a set of the `serialKey` of certificates' facts, each number once and in no order. */
export interface RevokedSerials extends Iterable<string> {
  has(serialKey: string): boolean;
  readonly size: number;
}

/** In bytes; the length of more is not written in a single one. RFC 5280 section 4.1.2.2 allows no more than 20. */
export const longestSerial: number = 127;

/**
 * A set of serial numbers in two blocks of memory, because lists of a million exist and an object for each number would be several times
 * as large. `places` are those of the byte in `bytes` that tells a number's length and is followed by it; both can be let go of.
 */
export function packSerials(bytes: Buffer, places: Uint32Array): RevokedSerials {
  return new SerialTable(bytes, places);
}

/** Numbers of one bucket stand side by side, each behind its length; a length of 0 ends a bucket early, where one came twice. */
class SerialTable implements RevokedSerials {
  readonly size: number;
  readonly #shift: number;
  /** Where each bucket begins, and at last where the last one ends. */
  readonly #starts: Uint32Array;
  readonly #packed: Buffer;

  constructor(bytes: Buffer, places: Uint32Array) {
    const bits = Math.min(Math.max(Math.ceil(Math.log2(places.length)), 1), mostBits);
    this.#shift = 32 - bits;
    this.#starts = findStarts(bytes, places, bits);
    this.#packed = Buffer.alloc(this.#starts.at(-1) ?? 0);
    this.size = this.#fill(bytes, places);
  }

  has(serialKey: string): boolean {
    const length = serialKey.length;
    if (length > longestSerial) return false;
    const written = Buffer.from(`${String.fromCharCode(length)}${serialKey}`, 'latin1');
    const bucket = hashOf(written, 0) >>> this.#shift;
    return this.#isBetween(written, 0, { start: this.#starts[bucket] ?? 0, end: this.#starts[bucket + 1] ?? 0 });
  }

  *[Symbol.iterator](): Generator<string> {
    for (const [bucket, start] of this.#starts.entries()) {
      const end = this.#starts[bucket + 1] ?? start;
      for (let at = start; at < end && this.#packed[at] !== 0;) {
        const next = at + 1 + (this.#packed[at] ?? 0);
        yield this.#packed.toString('latin1', at + 1, next);
        at = next;
      }
    }
  }

  /** How many different ones there are. */
  #fill(bytes: Buffer, places: Uint32Array): number {
    const ends = this.#starts.slice();
    let size = 0;
    for (const place of places) {
      const bucket = hashOf(bytes, place) >>> this.#shift;
      const end = ends[bucket] ?? 0;
      if (this.#isBetween(bytes, place, { start: this.#starts[bucket] ?? 0, end })) continue;
      const length = (bytes[place] ?? 0) + 1;
      for (let index = 0; index < length; index += 1) this.#packed[end + index] = bytes[place + index] ?? 0;
      ends[bucket] = end + length;
      size += 1;
    }
    return size;
  }

  #isBetween(bytes: Buffer, place: number, { start, end }: Span): boolean {
    const packed = this.#packed;
    const length = bytes[place] ?? 0;
    for (let at = start; at < end && packed[at] !== 0; at += 1 + (packed[at] ?? 0)) {
      let same = 0;
      while (same <= length && packed[at + same] === bytes[place + same]) same += 1;
      if (same > length) return true;
    }
    return false;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function findStarts(bytes: Buffer, places: Uint32Array, bits: number): Uint32Array {
  const starts = new Uint32Array(2 ** bits + 1);
  for (const place of places) {
    const next = (hashOf(bytes, place) >>> (32 - bits)) + 1;
    starts[next] = (starts[next] ?? 0) + (bytes[place] ?? 0) + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket += 1) starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  return starts;
}

// Multilinear hashing (Carter and Wegman, 1981): of 32 bits the upper 25 are universal for bytes, so that with secret factors
// nobody can write a list whose numbers meet in one bucket, and numbers that were counted up spread as well as random ones.
const mostBits = 25;
const factors = randomFillSync(new Uint32Array(longestSerial + 1));

function hashOf(bytes: Buffer, place: number): number {
  const length = bytes[place] ?? 0;
  let hash = 0;
  for (let index = 0; index <= length; index += 1) hash = (hash + Math.imul(factors[index] ?? 0, bytes[place + index] ?? 0)) | 0;
  return hash;
}
