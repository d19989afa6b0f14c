import type { Readable } from 'node:stream';
import type { HeaderList } from '../http/header-list.ts';

/** The one way in which requests leave, whatever the protocol. Its words are those of undici's `dispatch`, which is most of it. */
export interface Transport {
  /** Sends a request over a connection that is open or is opened for it. Everything that becomes of it is told to `handler`. */
  dispatch(request: UpstreamRequest, handler: AnswerHandler): void;
  /** Takes no further request; resolves when those in flight are over and the connections are gone. */
  close(): Promise<void>;
}

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  /** `Host` and the length of the body included. */
  readonly headers: string[];
  readonly body: Readable | null;
  /** From `Content-Length`; undefined when unknown. */
  readonly bodyLength: number | undefined;
  /** What HTTP/1.1 connections of undici are told apart by: constant per endpoint. */
  readonly servername: string;
  /** The client reads trailers, and wants the upstream to know (`TE: trailers`, RFC 9110 section 10.1.4). */
  readonly takesTrailers: boolean;
  /** Undefined without a body. */
  readonly trailers: RequestTrailers | undefined;
}

export interface RequestTrailers {
  /** What the client announced and may send. HTTP/1.1 carries trailers of no other request. */
  readonly announced: readonly string[];
  /** Readable when the body has ended. */
  read(): HeaderList;
}

/** Told of one exchange, in this order; `onResponseError` may come at any time and is the last. */
export interface AnswerHandler {
  /** Whether pieces of the body may be lent; left out: they may not. */
  readonly takesLoans?: boolean;
  /** A connection is there: nothing was written yet, and nothing will be if the handler aborts now. */
  onRequestStart(controller: AnswerController): void;
  /** A piece of the body was written. */
  onBodySent(): void;
  /** The first byte of an answer came. */
  onResponseStarted(): void;
  /** A head, 1xx ones included; its fields are the controller's. */
  onResponseStart(controller: AnswerController, status: number): void;
  /** With `giveBack` the chunk is lent: nothing more comes before that is called, and the bytes are overwritten after it. */
  onResponseData(controller: AnswerController, chunk: Buffer, giveBack?: () => void): void;
  onResponseEnd(controller: AnswerController): void;
  onResponseError(controller: unknown, error: Error): void;
}

/** The handler's from `onRequestStart` to the end or the error of its exchange: then it may be somebody else's. */
export interface AnswerController {
  /**
   * The fields of the head, and those behind the body, of a transport that has proven them: names are tokens, values hold no control
   * character, and where the answer ends is in no doubt. Absent from others, whose words are taken for what they are.
   */
  readonly fields?: HeaderList;
  readonly trailers?: HeaderList;
  /** As undici and Node have them; read where `fields` are absent. */
  readonly rawHeaders?: unknown;
  readonly rawTrailers?: unknown;
  /** The head was all of the answer: neither body nor trailers follow. Undici does not say so at that moment. */
  readonly isWhole?: boolean;
  /** Ends both halves of the exchange, and tells the upstream; nothing is reported any more that matters. */
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}
