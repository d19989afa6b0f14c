import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants, performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ClientBody } from './client-body.ts';
import { contain } from './contain.ts';
import { deliver } from './deliver.ts';
import type { FrontOptions } from './front-options.ts';
import { Http2Sink } from './http2-sink.ts';
import type { Http2Fault } from './http2-meter.ts';
import { Http2Meter } from './http2-meter.ts';
import type { CutReason } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { readInbound } from './read-inbound.ts';
import { splitHttp2Headers } from './wire-parts.ts';

/**
 * HTTP/2 for every TLS group, on sockets whose handshake is done, and without TLS on those that began with its preface. Only the stream API is used: with a 'request' listener Node would build
 * its compatibility objects for every stream as well.
 */
export class Http2Front {
  readonly #options: FrontOptions;
  readonly #sessions = new Map<ServerHttp2Session, Open>();
  readonly #watch: NodeJS.Timeout;
  #round = 0;

  constructor(options: FrontOptions) {
    this.#options = options;
    // One timer for all: a connection that is silent costs one number compared.
    this.#watch = setInterval(() => this.#look(), options.limits.checkEveryMs);
    this.#watch.unref();
  }

  accept(socket: Socket, connection: Connection): void {
    const { limits } = this.#options;
    const session = performServerHandshake(socket, sessionOptions(limits));
    const open: Open = { session, socket, connection, meter: new Http2Meter(session, socket, limits), streams: 0, wasAsked: false };
    this.#sessions.set(session, open);
    session.on('error', (error) => this.#broken(open, error));
    // The counterpart of `headersTimeout`: after the handshake a request has to come.
    const firstHead = setTimeout(() => this.#cut(open, 'slow-head'), limits.headMs);
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: HeaderList) => {
      clearTimeout(firstHead);
      open.wasAsked = true;
      open.streams += 1;
      open.meter.opened(stream, raw);
      stream.once('close', () => {
        open.streams -= 1;
        if (session.closed) this.#closeSoon(open);
        else if (!session.destroyed) idle?.refresh();
      });
      this.#receive(stream, headers, raw, open);
    });
    const idle = this.#watchIdle(open);
    session.once('close', () => {
      clearTimeout(idle);
      clearTimeout(firstHead);
      this.#sessions.delete(session);
    });
  }

  /**
   * Begins anew with streams only: neither pings nor a header section sent a byte at a time prolong it. The session's own timeout would
   * do, but Node does not stop it when a session is destroyed, and would hold each one for as long after its end.
   */
  #watchIdle(open: Open): NodeJS.Timeout | undefined {
    const { keepAliveMs } = this.#options.limits;
    if (keepAliveMs === 0) return undefined;
    return setTimeout(() => open.streams === 0 && this.#goAway(open), keepAliveMs).unref();
  }

  /**
   * Sends GOAWAY: streams that are open go on to their end, new ones are refused and may be retried elsewhere. Answers how many connections
   * were not on their way out already.
   */
  endConnections(isOver: (connection: Connection) => boolean): number {
    let ended = 0;
    for (const open of this.#sessions.values()) {
      if (open.session.closed || !isOver(open.connection)) continue;
      ended += 1;
      this.#goAway(open);
    }
    return ended;
  }

  /** Ends some connections that had their requests and have none now, the oldest first. */
  makeRoom(count: number): void {
    let left = count;
    for (const open of this.#sessions.values()) {
      if (left === 0) return;
      if (open.streams > 0 || !open.wasAsked || open.session.closed) continue;
      left -= 1;
      this.#goAway(open);
    }
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    const { checkEveryMs } = this.#options.limits;
    this.#round += 1;
    for (const open of this.#sessions.values()) {
      const fault = open.meter.check(this.#round * checkEveryMs, checkEveryMs);
      if (fault !== undefined && !open.session.closed) this.#cut(open, fault);
    }
  }

  #cut(open: Open, fault: Http2Fault): void {
    this.#tellCut(open.connection, fault, undefined);
    // What was asked for before may come to its end behind a slow header section; whoever floods has had their chance.
    if (fault === 'slow-head') this.#goAway(open);
    else open.session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** The library ends a connection for what it counts itself: resets, CONTINUATION frames, unanswered PINGs, frames of no sense. */
  #broken({ connection }: Open, error: Error & { readonly code?: string }): void {
    if (error.code?.startsWith('ERR_HTTP2') === true) this.#tellCut(connection, 'http2-error', error.message);
  }

  #tellCut(connection: Connection, reason: CutReason, detail: string | undefined): void {
    const { handlers } = this.#options;
    contain(handlers, () => handlers.onConnectionCut?.(connection, reason, detail));
  }

  #goAway(open: Open): void {
    open.session.close();
    this.#closeSoon(open);
  }

  /** Node waits for the client to close as well, and one that reads nothing, or is within a header section, never does. */
  #closeSoon({ socket, streams }: Open): void {
    if (streams > 0) return;
    const cut = setTimeout(() => socket.destroy(), this.#options.limits.lingerMs);
    socket.once('close', () => clearTimeout(cut));
  }

  #receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: HeaderList, open: Open): void {
    const { connection, meter } = open;
    const { now, newId, stalls, limits, inboundRules } = this.#options;
    const wire = splitHttp2Headers(raw);
    const reading = readInbound({ id: newId(), receivedAt: now(), protocol: 'h2', connection, ...wire }, inboundRules());
    const body = stream.endAfterHeaders ? undefined : this.#bodyOf(stream, headers, meter);
    if (body !== undefined) stream.once('close', () => body.wasRead || meter.leftUnread(body.length));
    const takesTrailers = headers['te']?.includes('trailers') === true;
    const onClosing = () => this.#goAway(open);
    const sink = new Http2Sink({ stream, method: wire.method, takesTrailers, body, stalls, limits, onClosing });
    deliver(this.#options, { reading, body, sink });
  }

  #bodyOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, meter: Http2Meter): ClientBody {
    const { 'content-length': length, expect } = headers;
    const trailers: string[] = [];
    meter.expects(stream);
    stream.once('trailers', (fields: IncomingHttpHeaders) => {
      for (const [name, value] of Object.entries(fields)) for (const one of [value ?? []].flat()) trailers.push(name, one);
      for (const text of trailers) meter.took(text.length);
    });
    return new ClientBody({
      source: stream,
      length: length === undefined ? undefined : Number(length),
      idleMs: this.#options.limits.bodyIdleMs,
      isAnswered: () => stream.headersSent,
      isWhole: () => !stream.aborted,
      trailers: () => trailers,
      onBytes: (count) => meter.took(count),
      onFirstRead() {
        if (expect !== undefined && !stream.headersSent && !stream.closed) stream.additionalHeaders({ ':status': 100 });
      },
    });
  }
}

interface Open {
  readonly session: ServerHttp2Session;
  readonly socket: Socket;
  readonly connection: Connection;
  readonly meter: Http2Meter;
  /** In progress. */
  streams: number;
  /** A request came, ever. */
  wasAsked: boolean;
}

function sessionOptions(limits: ListenerLimits): Parameters<typeof performServerHandshake>[1] {
  return {
    settings: {
      maxConcurrentStreams: limits.concurrentStreams,
      // Measured with 32 bytes for each field (RFC 9113 section 6.5.2). Twice our own limits, so that most of what is too much gets a 431.
      maxHeaderListSize: 2 * (limits.headBytes + 32 * limits.headFields),
    },
    // Without it Node refuses a request of some 200 fields.
    maxHeaderListPairs: 2 * limits.headFields,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    streamResetBurst: limits.streamResetBurst,
    streamResetRate: limits.streamResetsPerSecond,
    // An upstream may send a field twice that should be sent once; that is between it and the client.
    strictSingleValueFields: false,
  };
}
