const readBytes = 64 * 1024;

/** Of all connections: what is read into it is used or copied out before anything else is read. */
const shared = Buffer.allocUnsafeSlow(readBytes);

/**
 * Where a connection reads to. Small answers are copied out of one buffer that serves everybody; while a connection brings much, it fills
 * buffers of its own, which are handed on as they are.
 */
export class ReadBuffer {
  /** What the last read went to. */
  bytes: Buffer = shared;
  #isBulk = false;

  /** For the next read. */
  next(): Buffer {
    if (!this.#isBulk) this.bytes = shared;
    else if (this.bytes === shared) this.bytes = Buffer.allocUnsafeSlow(readBytes);
    return this.bytes;
  }

  /** So many bytes were read, and are used. */
  filled(length: number): void {
    this.#isBulk = length * 2 >= readBytes;
  }

  /** Bytes of the last read, to keep. They may be taken once. */
  take(from: number, to: number): Buffer {
    if (this.bytes !== shared && (to - from) * 2 >= readBytes) {
      const taken = this.bytes.subarray(from, to);
      // Never read to again.
      this.bytes = shared;
      return taken;
    }
    const copy = Buffer.allocUnsafe(to - from);
    this.bytes.copy(copy, 0, from, to);
    return copy;
  }
}
