import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants, performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ClientBody } from './client-body.ts';
import { contain } from './contain.ts';
import { deliver } from './deliver.ts';
import type { FrontOptions } from './front-options.ts';
import { Http2Connection } from './http2-connection.ts';
import { Http2Sink } from './http2-sink.ts';
import type { Http2Fault, Http2Meter } from './http2-meter.ts';
import type { CutReason } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { InboundParts } from './read-inbound.ts';
import { readInbound } from './read-inbound.ts';
import { splitHttp2Headers } from './wire-parts.ts';

/**
 * HTTP/2 for every TLS group, on sockets whose handshake is done, and without TLS on those that began with its preface. Only the stream API is used: with a 'request' listener Node would build
 * its compatibility objects for every stream as well.
 */
export class Http2Front {
  readonly #options: FrontOptions;
  readonly #connections = new Map<ServerHttp2Session, Http2Connection>();
  readonly #watch: NodeJS.Timeout;
  #round = 0;

  constructor(options: FrontOptions) {
    this.#options = options;
    // One timer for all: a connection that is silent costs one number compared.
    this.#watch = setInterval(() => this.#look(), options.limits.checkEveryMs);
    this.#watch.unref();
  }

  accept(socket: Socket, connection: Connection): void {
    const { limits, stalls } = this.#options;
    const session = performServerHandshake(socket, sessionOptions(limits));
    const open = new Http2Connection(session, socket, connection, { limits, stalls, onSlowHead: () => this.#cut(open, 'slow-head') });
    this.#connections.set(session, open);
    session.on('error', (error) => this.#broken(open, error));
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: HeaderList) => {
      open.onOpened(stream, raw);
      this.#receive(stream, headers, raw, open);
    });
    session.once('close', () => {
      open.stop();
      this.#connections.delete(session);
    });
  }

  /** Says goodbye to connections, and answers how many were not on their way out already. */
  endConnections(isOver: (connection: Connection) => boolean): number {
    let ended = 0;
    for (const open of this.#connections.values()) {
      if (open.session.closed || !isOver(open.connection)) continue;
      ended += 1;
      open.goAway();
    }
    return ended;
  }

  /** Ends some connections that had their requests and have none now, the oldest first. */
  makeRoom(count: number): void {
    let left = count;
    for (const open of this.#connections.values()) {
      if (left === 0) return;
      if (!open.isIdle || open.session.closed) continue;
      left -= 1;
      open.goAway();
    }
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    const { checkEveryMs } = this.#options.limits;
    this.#round += 1;
    for (const open of this.#connections.values()) {
      const fault = open.meter.check(this.#round * checkEveryMs, checkEveryMs);
      if (fault !== undefined && !open.session.closed) this.#cut(open, fault);
    }
  }

  #cut(open: Http2Connection, fault: Http2Fault): void {
    this.#tellCut(open.connection, fault, undefined);
    // What was asked for before may come to its end behind a slow header section; whoever floods has had their chance.
    if (fault === 'slow-head') open.goAway();
    else open.session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** The library ends a connection for what it counts itself: resets, CONTINUATION frames, unanswered PINGs, frames of no sense. */
  #broken({ connection }: Http2Connection, error: Error & { readonly code?: string }): void {
    if (error.code?.startsWith('ERR_HTTP2') === true) this.#tellCut(connection, 'http2-error', error.message);
  }

  #tellCut(connection: Connection, reason: CutReason, detail: string | undefined): void {
    const { handlers } = this.#options;
    contain(handlers, () => handlers.onConnectionCut?.(connection, reason, detail));
  }

  #receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: HeaderList, open: Http2Connection): void {
    const { now, newId, inboundRules } = this.#options;
    const { method, rawAuthority, authorityCount, rawTarget, headers: fields } = splitHttp2Headers(raw);
    const { connection } = open;
    const parts: InboundParts = {
      id: newId(),
      receivedAt: now(),
      protocol: 'h2',
      method,
      rawAuthority,
      authorityCount,
      rawTarget,
      headers: fields,
      connection,
    };
    const reading = readInbound(parts, inboundRules());
    const body = stream.endAfterHeaders ? undefined : this.#bodyOf(stream, headers, open.meter);
    const takesTrailers = headers['te']?.includes('trailers') === true;
    const sink = new Http2Sink({ stream, method, takesTrailers, body, owner: open });
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
