import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { closeFrame, WebSocketFrames } from './websocket-frames.ts';

/**
 * Stands between http-proxy-3 and the client's socket. The library writes the upstream's 101 by itself, unchecked and
 * unfiltered; here that first write is swallowed (the caller has sent its own head by then), and destroying this side leaves
 * the client's socket alone, so that a refusal can still be written to it.
 */
export class ClientSide extends Duplex {
  readonly #socket: Duplex;
  readonly #onData: (chunk: Buffer) => void;
  readonly #onEnd: () => void;
  readonly #onMoved: () => void;
  #headSwallowed = false;
  readonly #frames: WebSocketFrames | undefined;
  /** Waits for the end of the frame that is under way. */
  #farewell: Buffer | undefined;

  /** `onMoved` is called for each piece of data, in either direction. */
  constructor(socket: Duplex, isWebSocket: boolean, onMoved: () => void) {
    super({ allowHalfOpen: true });
    this.#frames = isWebSocket ? new WebSocketFrames() : undefined;
    this.#socket = socket;
    this.#onMoved = onMoved;
    this.#onData = (chunk) => {
      onMoved();
      if (!this.push(chunk)) socket.pause();
    };
    this.#onEnd = () => this.push(null);
    // Read from the start, into a bounded buffer: a client that goes away while the upstream thinks would not be noticed else.
    socket.on('data', this.#onData);
    socket.once('end', this.#onEnd);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    this.#onMoved();
    if (!this.#headSwallowed) {
      this.#headSwallowed = true;
      written();
    } else if (this.#pass(chunk)) written();
    else this.#socket.once('drain', () => written());
  }

  /** The last thing the client gets: a close frame after the frame that is under way, or just the end where this is no WebSocket. */
  sayFarewell(code: number): void {
    this.#socket.off('data', this.#onData);
    this.#socket.resume();
    if (this.#frames === undefined) this.#socket.end();
    else {
      this.#farewell = closeFrame(code);
      if (this.#frames.atBoundary) this.#socket.end(this.#farewell);
    }
  }

  /** False where the client reads more slowly than the upstream writes. */
  #pass(chunk: Buffer): boolean {
    if (this.#socket.writableEnded) return true;
    const boundary = this.#frames?.take(chunk);
    if (this.#farewell === undefined || boundary === undefined) return this.#socket.write(chunk);
    this.#socket.write(chunk.subarray(0, boundary));
    this.#socket.end(this.#farewell);
    return true;
  }

  override _final(finished: (error?: Error | null) => void): void {
    this.#socket.end();
    finished();
  }

  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    destroyed(error);
  }

  // The rest of a socket, as far as http-proxy-3 uses it.
  destroySoon(): void {
    this.destroy();
  }

  setTimeout(milliseconds: number): this {
    if (this.#socket instanceof Socket) this.#socket.setTimeout(milliseconds);
    return this;
  }

  setNoDelay(noDelay: boolean): this {
    if (this.#socket instanceof Socket) this.#socket.setNoDelay(noDelay);
    return this;
  }

  setKeepAlive(keepAlive: boolean, initialDelayMs: number): this {
    if (this.#socket instanceof Socket) this.#socket.setKeepAlive(keepAlive, initialDelayMs);
    return this;
  }
}
