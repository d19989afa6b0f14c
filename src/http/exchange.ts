import type { Readable } from 'node:stream';
import type { HeaderList } from './header-list.ts';
import type { Inbound } from './inbound.ts';
import type { ProxyFailure } from './proxy-failure.ts';
import type { Reply } from './reply.ts';

/** Where an answer goes, whatever the protocol. A sink takes one answer: either `send`, or `head` followed by `write` and `end`. */
export interface ReplySink {
  /** Sends a whole reply. After `head` was called it can't be sent any more: the sink aborts instead, so that no half answer looks whole. */
  send(reply: Reply): void;
  /** A 1xx answer, 101 excepted; dropped where the protocol can't carry it (HTTP/1.0). */
  informational(status: number, headers: HeaderList): void;
  /**
   * Status line and headers. Framing headers are the sink's business: `Connection`, `Transfer-Encoding`, `Keep-Alive` must not be in the
   * list. `isWhole`: `end` follows at once, without body and trailers.
   */
  head(status: number, headers: HeaderList, isWhole?: boolean): void;
  /**
   * False when the client reads more slowly than the upstream writes: wait for the drain callback before writing more. With `giveBack` the
   * chunk is lent: that is called once when nothing refers to the bytes any more, whatever became of them.
   */
  write(chunk: Uint8Array, giveBack?: () => void): boolean;
  /** Whether `write` calls `giveBack`; left out: it never does, and nothing may be lent to it. */
  readonly takesLoans?: boolean;
  end(trailers?: HeaderList): void;
  /** Ends the exchange without completing the answer: the client must not take what it has for the whole. */
  abort(): void;
  /** Called each time the client can take more after `write` answered false. One callback at a time. */
  onDrain(resume: () => void): void;
  /**
   * Called once when the exchange is over for whatever reason; `complete` tells whether the whole answer was handed to the transport.
   * Each caller is heard, in order: whoever forwards lets go of the upstream, whoever records writes the line. `cut` is why the
   * listener ended it, where it did.
   */
  onClose(closed: (complete: boolean, cut?: ProxyFailure) => void): void;
  /** The status sent, or undefined before `head`. */
  readonly status: number | undefined;
  readonly bytesWritten: number;
}

/** One request in flight: the plain value, the body beside it, and where the answer goes. */
export interface Exchange {
  readonly inbound: Inbound;
  /** Undefined when the request has no body. Destroying it must not destroy the client's connection. */
  readonly body: RequestBody | undefined;
  readonly sink: ReplySink;
}

export interface RequestBody {
  readonly stream: Readable;
  /** From `Content-Length`; undefined when unknown. */
  readonly length: number | undefined;
  /** Request trailers, readable once the stream has ended; not promoted to headers, ever. */
  trailers(): HeaderList;
}
