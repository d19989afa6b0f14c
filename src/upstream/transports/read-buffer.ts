import { ReadSlabs } from './read-slabs.ts';

const readBytes = 64 * 1024;

/** Of all connections: what is read into it is used or copied out before anything else is read. */
const shared = Buffer.allocUnsafeSlow(readBytes);
const slabs = new ReadSlabs();

/** Bytes that will be overwritten once they are given back. */
export interface Loan {
  readonly bytes: Buffer;
  /** To be called when nothing refers to them any more; a second call does nothing. */
  readonly giveBack: () => void;
}

/**
 * Where a connection reads to. Small answers are copied out of one buffer that serves everybody. While a connection brings much, it reads
 * into a slab and lends what came, and reads on when it has that back; where nobody takes loans, or all slabs are in use, it fills buffers of
 * its own, which are handed on as they are.
 */
export class ReadBuffer {
  /** What the last read went to. */
  bytes: Buffer = shared;
  readonly #onBack: () => void;
  #isBulk = false;
  /** The same as `bytes` while there is one. */
  #slab: Buffer | undefined;
  #isLent = false;

  /** `onBack`: a loan is over, and the next read may come. */
  constructor(onBack: () => void) {
    this.#onBack = onBack;
  }

  /** Nothing may be read now: it would overwrite what somebody else still needs. */
  get isLent(): boolean {
    return this.#isLent;
  }

  /** For the next read. */
  next(takesLoans: boolean): Buffer {
    if (this.#isLent) return this.bytes;
    if (!this.#isBulk) this.release();
    else if (this.bytes === shared) {
      this.#slab = takesLoans ? slabs.borrow() : undefined;
      this.bytes = this.#slab ?? Buffer.allocUnsafeSlow(readBytes);
    }
    return this.bytes;
  }

  /** So many bytes were read, and are used. */
  filled(length: number): void {
    this.#isBulk = isBulk(length);
  }

  /** Bytes of the last read, to be had back; undefined where they are better taken. */
  lend(from: number, to: number): Loan | undefined {
    const slab = this.#slab;
    if (slab === undefined || this.#isLent || !isBulk(to - from)) return undefined;
    this.#isLent = true;
    let isBack = false;
    const giveBack = (): void => {
      if (isBack) return;
      isBack = true;
      this.#takeBack(slab);
    };
    return { bytes: slab.subarray(from, to), giveBack };
  }

  /** Bytes of the last read, to keep. They may be taken once. */
  take(from: number, to: number): Buffer {
    if (this.bytes !== shared && this.#slab === undefined && isBulk(to - from)) {
      const taken = this.bytes.subarray(from, to);
      // Never read to again.
      this.bytes = shared;
      return taken;
    }
    const copy = Buffer.allocUnsafe(to - from);
    this.bytes.copy(copy, 0, from, to);
    return copy;
  }

  /** The answer is over, or will bring no more. A loan is waited for no longer: its slab goes to others when it is given back. */
  release(): void {
    if (this.#slab !== undefined && !this.#isLent) slabs.giveBack(this.#slab);
    this.#slab = undefined;
    this.#isLent = false;
    this.#isBulk = false;
    this.bytes = shared;
  }

  #takeBack(slab: Buffer): void {
    if (slab !== this.#slab) return slabs.giveBack(slab);
    this.#isLent = false;
    this.#onBack();
  }
}

function isBulk(bytes: number): boolean {
  return bytes * 2 >= readBytes;
}
