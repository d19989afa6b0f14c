import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeaderList } from '../http/header-list.ts';
import type { ClientBody } from './client-body.ts';
import type { ListenerLimits } from './listener-limits.ts';

/** Why an HTTP/2 connection has to end: frames that are no part of a request, or a header section that does not come to its end. */
export type Http2Fault = 'http2-flood' | 'slow-head';

/**
 * Holds the bytes of one HTTP/2 connection against the requests on it. Node shows no frames, only what comes of them, so what is left over
 * after header fields, bodies and what answers may cost a client is frames for their own sake: PING, SETTINGS, PRIORITY, WINDOW_UPDATE,
 * padding, unknown ones, header sections too large to be shown (CVE-2019-9512 to -9518). A budget bounds them, whatever their kind.
 */
export class Http2Meter {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #limits: ListenerLimits;
  /** Requests whose bodies have not been taken to their end. */
  readonly #bodies = new Set<ServerHttp2Stream>();
  #budget: number;
  /** Bytes that requests account for, since the last look. */
  #useful = 0;
  /** Bytes that we wrote because of control frames alone. */
  #answered = 0;
  #received = 0;
  #written = 0;
  #lastStream = 0;
  #headSince: number | undefined;

  constructor(session: ServerHttp2Session, socket: Socket, limits: ListenerLimits) {
    this.#session = session;
    this.#socket = socket;
    this.#limits = limits;
    this.#budget = limits.controlBurst;
    session.on('ping', () => (this.#answered += pingBytes));
    session.on('remoteSettings', () => (this.#answered += settingsBytes));
  }

  opened({ id = 0 }: ServerHttp2Stream, fields: HeaderList): void {
    this.#lastStream = Math.max(this.#lastStream, id);
    this.#useful += streamBytes;
    for (const text of fields) this.#useful += text.length + fieldBytes;
  }

  /** A request body is to come; `bodyOver` has to follow. */
  expects(stream: ServerHttp2Stream): void {
    this.#bodies.add(stream);
  }

  /** A piece of a request body. */
  took(bytes: number): void {
    this.#useful += bytes + frameBytes;
  }

  /** The stream of a request with a body is closed: before the client knew, it may have filled the window, or sent the whole. */
  bodyOver(stream: ServerHttp2Stream, { wasRead, length }: Pick<ClientBody, 'wasRead' | 'length'>): void {
    this.#bodies.delete(stream);
    if (!wasRead) this.#useful += Math.min(length ?? windowBytes, windowBytes) + frameBytes;
  }

  /** Looks what came since the last time. `at` in milliseconds. */
  check(at: number, elapsedMs: number): Http2Fault | undefined {
    const { controlBurst, controlBytesPerSecond, headMs } = this.#limits;
    const { bytesRead, bytesWritten } = this.#socket;
    const isSilent = bytesRead === this.#received;
    if (isSilent && this.#headSince === undefined && this.#budget === controlBurst) return undefined;
    // A client tells us what it took of an answer: at most a frame for the stream and one for the connection, of 13 bytes each, for each of
    // ours, which has 10 at least.
    const mayReply = windowUpdates * Math.max(0, bytesWritten - this.#written - this.#answered);
    const surplus = bytesRead - this.#received - this.#useful - mayReply;
    this.#budget = Math.min(controlBurst, this.#budget - surplus + (controlBytesPerSecond * elapsedMs) / 1000);
    [this.#received, this.#written, this.#useful, this.#answered] = [bytesRead, bytesWritten, 0, 0];
    if (this.#budget + waitingShare * this.#waiting() < 0) return 'http2-flood';
    if (!isSilent) this.#lookForHead(at);
    return this.#headSince !== undefined && at - this.#headSince >= headMs ? 'slow-head' : undefined;
  }

  /** Of bodies, what has come and was not taken: a window for each, where it is their upstream that is slow. */
  #waiting(): number {
    let bytes = 0;
    for (const stream of this.#bodies) bytes += stream.readableLength;
    return bytes;
  }

  /** nghttp2 counts a stream when its header section begins, we when it has ended. */
  #lookForHead(at: number): void {
    const isBegun = (this.#session.state.lastProcStreamID ?? 0) > this.#lastStream;
    this.#headSince = isBegun ? (this.#headSince ?? at) : undefined;
  }
}

// Sizes of frames (RFC 9113 section 6), and what an encoder adds to a field (RFC 7541 section 6.2).
const frameBytes = 64;
const streamBytes = 256;
const fieldBytes = 8;
const pingBytes = 17;
const settingsBytes = 9;
const windowBytes = 65_535;
const windowUpdates = 2.6;
/** With their frames, bytes of a body are three times as many in messages of gRPC, which have five at least. */
const waitingShare = 3;
