/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2), so that a frame of our own can be put between two of
 * theirs: in the middle of one it would be read as its payload. Only lengths are looked at.
 */
export class WebSocketFrames {
  /** The first bytes of a header that is not complete yet. */
  #header: number[] = [];
  /** Of the payload that is still to come. */
  #left = 0;

  /** Whether the last byte taken was the last of a frame. */
  get atBoundary(): boolean {
    return this.#left === 0 && this.#header.length === 0;
  }

  /** Takes the next bytes, and says how many of them belong to the frame that was under way; undefined when it goes on behind them. */
  take(chunk: Uint8Array): number | undefined {
    let first: number | undefined;
    let index = 0;
    while (index < chunk.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, chunk.length - index);
        this.#left -= passed;
        index += passed;
      } else {
        this.#header.push(chunk[index] ?? 0);
        index += 1;
        if (this.#header.length < headerLength(this.#header)) continue;
        this.#left = payloadLength(this.#header);
        this.#header = [];
      }
      if (this.#left === 0) first ??= index;
    }
    return first;
  }
}

/** A close frame of a server: never masked, so it is as short as this (RFC 6455 sections 5.1 and 5.5.1). */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff]);
}

/** Two bytes and what they announce: the longer length and the mask. */
function headerLength(header: readonly number[]): number {
  const second = header[1];
  if (second === undefined) return 2;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (isMasked(second) ? 4 : 0);
}

function payloadLength(header: readonly number[]): number {
  const short = (header[1] ?? 0) & 0x7f;
  if (short < 126) return short;
  return header.slice(2, short === 126 ? 4 : 10).reduce((length, byte) => length * 256 + byte, 0);
}

function isMasked(second: number): boolean {
  return (second & 0x80) !== 0;
}
