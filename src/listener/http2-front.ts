import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ClientBody } from './client-body.ts';
import { deliver } from './deliver.ts';
import type { FrontOptions } from './front-options.ts';
import { Http2Sink } from './http2-sink.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { readInbound } from './read-inbound.ts';
import { splitHttp2Headers } from './wire-parts.ts';

/**
 * HTTP/2 for every TLS group, on sockets whose handshake is done, and without TLS on those that began with its preface. Only the stream API is used: with a 'request' listener Node would build
 * its compatibility objects for every stream as well.
 */
export class Http2Front {
  readonly #options: FrontOptions;
  readonly #sessions = new Map<ServerHttp2Session, Socket>();

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  accept(socket: Socket, connection: Connection): void {
    const { limits } = this.#options;
    const session = performServerHandshake(socket, sessionOptions(limits));
    let openStreams = 0;
    this.#sessions.set(session, socket);
    session.on('error', ignoreError);
    // The counterpart of `headersTimeout`: after the handshake a request has to come.
    const firstHead = setTimeout(() => this.#goAway(session, socket), limits.headMs);
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: HeaderList) => {
      clearTimeout(firstHead);
      openStreams += 1;
      stream.once('close', () => {
        openStreams -= 1;
      });
      this.#receive(stream, headers, raw, connection);
    });
    // Begins anew with streams only: neither pings nor a header section sent a byte at a time prolong it.
    session.setTimeout(limits.keepAliveMs, () => {
      if (openStreams === 0) this.#goAway(session, socket);
      else session.setTimeout(limits.keepAliveMs);
    });
    session.once('close', () => {
      clearTimeout(firstHead);
      this.#sessions.delete(session);
    });
  }

  /** Sends GOAWAY: streams that are open go on to their end, new ones are refused and may be retried elsewhere. */
  drain(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  #goAway(session: ServerHttp2Session, socket: Socket): void {
    session.close();
    // A client that reads nothing does not read this either.
    const cut = setTimeout(() => socket.destroy(), this.#options.limits.lingerMs);
    socket.once('close', () => clearTimeout(cut));
  }

  #receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: HeaderList, connection: Connection): void {
    const { now, newId, stalls, limits, inboundRules } = this.#options;
    const wire = splitHttp2Headers(raw);
    const reading = readInbound({ id: newId(), receivedAt: now(), protocol: 'h2', connection, ...wire }, inboundRules());
    const body = stream.endAfterHeaders ? undefined : this.#bodyOf(stream, headers);
    const takesTrailers = headers['te']?.includes('trailers') === true;
    const sink = new Http2Sink({ stream, method: wire.method, takesTrailers, body, stalls, limits });
    deliver(this.#options, { reading, body, sink });
  }

  #bodyOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): ClientBody {
    const { 'content-length': length, expect } = headers;
    const trailers: string[] = [];
    stream.once('trailers', (fields: IncomingHttpHeaders) => {
      for (const [name, value] of Object.entries(fields)) for (const one of [value ?? []].flat()) trailers.push(name, one);
    });
    return new ClientBody({
      source: stream,
      length: length === undefined ? undefined : Number(length),
      idleMs: this.#options.limits.bodyIdleMs,
      isWhole: () => !stream.aborted,
      trailers: () => trailers,
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

function ignoreError(): void {
  // Every stream of the session closes, and each tells its exchange.
}
