import { Readable } from 'node:stream';
import type { RequestBody } from '../http/exchange.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';

export interface ClientBodyOptions {
  /** Node's own stream of the request. */
  readonly source: Readable;
  readonly length: number | undefined;
  /** How long the client may be silent while its bytes are waited for and it has no answer. */
  readonly idleMs: number;
  /** Whether the answer has begun. */
  isAnswered(): boolean;
  /** Whether the source ended because the message did, and not because the client went away. */
  isWhole(): boolean;
  trailers(): HeaderList;
  /** Called once, when somebody wants the first byte: the moment for `100 Continue`. */
  onFirstRead(): void;
  /** Called with the length of each piece that came, whether it is read or thrown away. */
  readonly onBytes?: (count: number) => void;
}

/**
 * A request body that stands between whoever forwards it and the client's connection: destroying its stream stops the reading and leaves
 * the connection alone. A client that goes away, or is silent for too long, makes the stream fail rather than end.
 */
export class ClientBody implements RequestBody {
  readonly #body: BodyStream;
  readonly length: number | undefined;
  readonly #options: ClientBodyOptions;
  #wasAsked = false;

  constructor(options: ClientBodyOptions) {
    this.#options = options;
    this.length = options.length;
    this.#body = new BodyStream(options, () => {
      this.#wasAsked = true;
      options.onFirstRead();
    });
  }

  get stream(): Readable {
    return this.#body;
  }

  /** Whether somebody wanted the body, so that a client which waits to be asked was asked. */
  get wasAsked(): boolean {
    return this.#wasAsked;
  }

  /** Whether it was read to its end. */
  get wasRead(): boolean {
    return this.#body.isWhole;
  }

  trailers(): HeaderList {
    return this.#options.trailers();
  }

  /** Reads on and throws away, so that a client still sending gets to see its answer; done at the end of the body or at a limit. */
  discard(limits: { readonly lingerMs: number; readonly lingerBytes: number }, done: () => void): void {
    const { source, onBytes } = this.#options;
    this.#body.destroy();
    let left = limits.lingerBytes;
    const deadline = setTimeout(finish, limits.lingerMs);
    function finish(): void {
      clearTimeout(deadline);
      source.off('data', count).off('end', finish).off('close', finish);
      done();
    }
    function count(chunk: Buffer): void {
      left -= chunk.length;
      onBytes?.(chunk.length);
      if (left < 0) finish();
    }
    source.on('data', count).on('end', finish).on('close', finish);
    source.resume();
  }
}

class BodyStream extends Readable {
  readonly #options: ClientBodyOptions;
  readonly #onFirstRead: () => void;
  #idle: NodeJS.Timeout | undefined;
  #whole = false;

  constructor(options: ClientBodyOptions, onFirstRead: () => void) {
    super();
    this.#options = options;
    this.#onFirstRead = onFirstRead;
    // Failing is told by the stream's state too; without a listener it would end the process.
    this.on('error', ignoreError);
    options.source.on('error', ignoreError);
    options.source.on('close', this.#onClose);
  }

  get isWhole(): boolean {
    return this.#whole;
  }

  override _read(): void {
    const { source, idleMs } = this.#options;
    if (this.#idle === undefined) {
      this.#idle = setTimeout(this.#onIdle, idleMs);
      source.on('data', this.#onData).on('end', this.#onEnd);
      this.#onFirstRead();
    }
    source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { source } = this.#options;
    clearTimeout(this.#idle);
    source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    source.pause();
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#idle?.refresh();
    this.#options.onBytes?.(chunk.length);
    if (!this.push(chunk)) this.#options.source.pause();
  };

  readonly #onEnd = (): void => {
    clearTimeout(this.#idle);
    // An HTTP/2 client that resets its stream with NO_ERROR makes Node end the body as if it were whole.
    this.#whole = this.#options.isWhole();
    if (this.#whole) this.push(null);
    else this.#onClose();
  };

  readonly #onClose = (): void => {
    if (!this.#whole) this.destroy(new ProxyFailure('client-aborted', 'The client went away before the end of its request'));
  };

  readonly #onIdle = (): void => {
    // Paused: it is the upstream that keeps the client waiting. Answered: a conversation, in which whoever listens is silent.
    if (this.#options.source.isPaused() || this.#options.isAnswered()) this.#idle?.refresh();
    else this.destroy(new ProxyFailure('client-timeout', `The client sent nothing of its request for ${this.#options.idleMs} ms`));
  };
}

function ignoreError(): void {
  // What the error means is told by the end of the stream that it belongs to.
}
