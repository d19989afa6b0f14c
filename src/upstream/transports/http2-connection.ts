import type { ClientHttp2Session, ClientHttp2Stream, SecureClientSessionOptions, Settings } from 'node:http2';
import { connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { AnswerHandler, UpstreamRequest } from '../transport.ts';
import { largestHeadBytes, mostHeadFields } from './answer-limits.ts';
import { Http2Failure } from './http2-failure.ts';
import type { StreamOpener } from './http2-exchange.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { http2Head } from './http2-head.ts';

// What most servers allow, and what bounds the memory of a connection: each stream may hold a window of bytes that nobody took yet.
const mostStreams = 100;
const windowBytes = 256 * 1024;
// Node takes what came off the connection at once: no stream waits for another, and 64 KiB, the usual, would be the pace of all together.
const connectionWindowBytes = mostStreams * windowBytes;
// Servers that count resets (CVE-2023-44487) end the connection at 200 or more: what clients give up must not end there for the others.
const mostResets = 100;
// The identifiers of streams run out at some point: nobody may be in flight then.
const mostRequests = 1_000_000;
const mostIdleTurns = 3;
const goodbyeMs = 500;
// PING and SETTINGS frames between two looks. gRPC servers that measure a fast network send hundreds a second.
const mostControlFrames = 20_000;
const settingsWeigh = 100;

export interface Http2ConnectionOptions {
  readonly scheme: 'http' | 'https';
  /** How often it looks whether the upstream is there. */
  readonly lookMs: number;
  /** A stream ended, or the upstream allows another number of them. */
  readonly onRoom: () => void;
  readonly onClose: (connection: Http2Connection) => void;
}

type Request = Pick<UpstreamRequest, 'body'>;

/** One connection that speaks HTTP/2, from its preface to its end. */
export class Http2Connection implements StreamOpener {
  readonly #options: Http2ConnectionOptions;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #looking: NodeJS.Timeout;
  #ending: NodeJS.Timeout | undefined;
  #streams = 0;
  /** Undefined until the upstream has said it, in its first frame (RFC 9113 section 3.4). */
  #allowed: number | undefined;
  #resets = 0;
  /** The largest window for bodies that was seen. */
  #widest = 0;
  #requests = 0;
  #wasUsed = false;
  #retired = false;
  #error: unknown;
  #controlFrames = 0;
  #idleTurns = 0;
  /** At the last look; and how many requests had been sent when something was heard, and at the last look. */
  #bytesHeard = 0;
  #requestsHeard = 0;
  #requestsSeen = 0;

  constructor(socket: Socket, options: Http2ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#session = connect(`${options.scheme}://upstream`, { ...sessionOptions, createConnection: () => socket });
    this.#looking = setInterval(() => this.#look(), options.lookMs).unref();
    this.#watch();
  }

  /** Whether one more request can be sent now. */
  hasRoomFor({ body }: Request): boolean {
    return !this.isGone && this.#streams < (this.#allowed ?? 0) && (body === null || this.#hasWindow());
  }

  /** Whether it could ever be used: the upstream has answered in HTTP/2, and takes requests. */
  get isGreeted(): boolean {
    return this.#allowed !== undefined && this.#allowed > 0;
  }

  /** Why it ended, for those who have sent nothing over it. */
  get failure(): Http2Failure {
    return new Http2Failure({ resetCode: undefined, wasUsed: false, cause: this.#error });
  }

  /** Whether it takes no further request, now or later. */
  get isGone(): boolean {
    return this.#retired || this.#session.closed || this.#session.destroyed;
  }

  get wasUsed(): boolean {
    return this.#wasUsed;
  }

  send(request: UpstreamRequest, handler: AnswerHandler): void {
    const stream = new Http2Exchange(request, handler, this).start();
    if (stream === undefined) return;
    this.#streams += 1;
    this.#session.ref();
    stream.once('response', () => (this.#wasUsed = true));
    stream.once('close', () => this.#onStreamEnd(stream.rstCode !== constants.NGHTTP2_NO_ERROR));
  }

  open(request: UpstreamRequest): ClientHttp2Stream {
    this.#requests += 1;
    const hasBody = request.body !== null;
    const stream = this.#session.request(http2Head(request, this.#options.scheme), { endStream: !hasBody, waitForTrailers: hasBody });
    if (this.#requests >= mostRequests) this.retire();
    return stream;
  }

  /** Takes no further request, and ends with the last one in flight. */
  retire(): void {
    this.#retired = true;
    this.#session.close();
    this.#endIfUnused();
  }

  /**
   * The window of a connection is one for all bodies that are sent over it, and with many servers one that nobody reads keeps its part
   * for ever. The next one goes elsewhere, while it would mostly wait anyway.
   */
  #hasWindow(): boolean {
    const { remoteWindowSize: left = 0 } = this.#session.state;
    this.#widest = Math.max(this.#widest, left);
    return left >= this.#widest / 2;
  }

  #watch(): void {
    const session = this.#session;
    session.on('remoteSettings', ({ maxConcurrentStreams = mostStreams }: Settings) => {
      // What allows none may allow some again: whoever comes meanwhile does not wait for that.
      if (maxConcurrentStreams === 0) return this.retire();
      this.#allowed = Math.min(maxConcurrentStreams, mostStreams);
      this.#count(settingsWeigh);
      this.#options.onRoom();
    });
    session.on('ping', () => this.#count(1));
    // It was told not to push (RFC 9113 section 8.4), and Node would keep what nobody asked for.
    session.on('stream', () => session.destroy(new Error('The upstream pushes an answer')));
    // Each stream tells its exchange what became of it.
    session.on('error', (error) => {
      this.#retired = true;
      this.#error = error;
    });
    session.on('goaway', () => this.retire());
    session.once('connect', () => session.setLocalWindowSize(connectionWindowBytes));
    session.once('close', () => {
      clearInterval(this.#looking);
      clearTimeout(this.#ending);
      this.#options.onClose(this);
    });
    session.unref();
  }

  #onStreamEnd(wasReset: boolean): void {
    this.#streams -= 1;
    if (wasReset) this.#resets += 1;
    if (this.#resets === mostResets) this.retire();
    // Open for the next request, and no reason for the process to live on.
    if (this.#streams === 0 && !this.#session.destroyed) this.#session.unref();
    this.#endIfUnused();
    this.#options.onRoom();
  }

  /** An upstream that is not there any more does not say goodbye either. */
  #endIfUnused(): void {
    if (this.#retired && this.#streams === 0) this.#ending ??= setTimeout(() => this.#socket.destroy(), goodbyeMs);
  }

  /** Answered by Node one by one, such frames cost their sender little (CVE-2019-9512, CVE-2019-9515). */
  #count(weight: number): void {
    this.#controlFrames += weight;
    if (this.#controlFrames > mostControlFrames) this.#session.destroy(new Error('The upstream floods its connection with control frames'));
  }

  #look(): void {
    this.#controlFrames = 0;
    if (this.#allowed === undefined) this.#session.destroy(new Error('The upstream says nothing in HTTP/2'));
    this.#idleTurns = this.#streams === 0 ? this.#idleTurns + 1 : 0;
    if (this.#idleTurns >= mostIdleTurns || this.#isSilent()) this.retire();
  }

  /**
   * Whether not a byte came since a request was sent, for a whole turn at least. The other end may have vanished without a word: those
   * who wait are left to wait, and nobody else joins them. No PING asks, because gRPC servers end connections that ask too often.
   */
  #isSilent(): boolean {
    const { bytesRead } = this.#socket;
    const heard = bytesRead !== this.#bytesHeard;
    const silent = !heard && this.#streams > 0 && this.#requestsSeen > this.#requestsHeard;
    this.#bytesHeard = bytesRead;
    if (heard) this.#requestsHeard = this.#requests;
    this.#requestsSeen = this.#requests;
    return silent;
  }
}

// Node's types know the last one of servers only.
const sessionOptions: SecureClientSessionOptions & { readonly strictSingleValueFields: boolean } = {
  settings: { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize: largestHeadBytes },
  maxHeaderListPairs: mostHeadFields,
  // Clients repeat what is a list (`If-None-Match`) or harmless; what must not be repeated was refused at the door.
  strictSingleValueFields: false,
  // Of ours, compressed: as much as the listener lets in, and what is added.
  maxSendHeaderBlockLength: 512 * 1024,
};
