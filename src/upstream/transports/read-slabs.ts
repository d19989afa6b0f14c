/**
 * Four times as much as a socket is written at once: what costs the same for each piece, on the way through the event loop and through
 * the kernel, is paid a quarter as often. More would gain less than it makes everybody else wait.
 */
export const slabBytes: number = 256 * 1024;
/** In the process, so that thousands of clients who ask for much and do not read hold no more than others. */
const mostSlabs = 32;
/** Kept while nobody needs them. */
const mostFree = 8;

/**
 * Large buffers that connections read into, one answer after the other, so that a long answer leaves nothing behind to be collected:
 * V8 collects the whole heap for each 64 MiB of buffers.
 */
export class ReadSlabs {
  readonly #free: Buffer[] = [];
  #count = 0;

  /** Undefined when all are in use. Holds whatever was read into it before. */
  borrow(): Buffer | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#count >= mostSlabs) return undefined;
    this.#count += 1;
    return Buffer.allocUnsafeSlow(slabBytes);
  }

  /** Of one that was borrowed, and nobody refers to any more: it may be somebody else's now. */
  giveBack(slab: Buffer): void {
    if (this.#free.length < mostFree) this.#free.push(slab);
    else this.#count -= 1;
  }
}
