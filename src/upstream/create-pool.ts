import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { Endpoint, EndpointTarget } from './endpoint.ts';

export interface PoolOptions {
  /** At least one; `http:`, `https:` or `unix:`. A query or fragment is ignored. */
  readonly to: readonly URL[];
  readonly connectTimeoutMs?: number;
}

export interface UpstreamPool extends AsyncDisposable {
  /** Equal for equal settings, so that an unchanged pool is kept over a reload. */
  readonly key: string;
  readonly connectTimeoutMs: number;
  /** The next endpoint in turn. */
  choose(): Endpoint;
}

/**
 * Opens nothing yet: connections are made when they are needed and kept open for the next request. Disposing waits for
 * requests in flight. Throws a `RangeError` for an empty list and a `TypeError` for a scheme that can't be spoken.
 */
export function createPool(options: PoolOptions): UpstreamPool {
  const { to, connectTimeoutMs = 10_000 } = options;
  const endpoints = to.map((url) => openEndpoint(url, connectTimeoutMs));
  if (endpoints.length === 0) throw new RangeError('Cannot create a pool without an upstream');
  let turn = 0;
  return {
    key: JSON.stringify([to.map(({ href }) => href), connectTimeoutMs]),
    connectTimeoutMs,
    choose() {
      const endpoint = endpoints[turn % endpoints.length];
      if (endpoint === undefined) throw new RangeError('Cannot choose an upstream of an empty pool');
      turn = (turn + 1) % endpoints.length;
      return endpoint;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(endpoints.map(({ dispatcher }) => dispatcher.close()));
    },
  };
}

function openEndpoint(url: URL, connectTimeoutMs: number): Endpoint {
  const target = readTarget(url);
  return {
    url: url.href,
    host: target.kind === 'unix' ? 'localhost' : url.host,
    // The path of a unix URL is the socket's.
    basePath: target.kind === 'unix' ? '' : url.pathname.replace(/\/+$/, ''),
    target,
    dispatcher: openDispatcher(target, connectTimeoutMs),
  };
}

function readTarget(url: URL): EndpointTarget {
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  switch (url.protocol) {
    case 'http:':
      return { kind: 'tcp', hostname, port: Number(url.port || 80) };
    case 'https:':
      return { kind: 'tls', hostname, port: Number(url.port || 443), servername: isIP(hostname) === 0 ? hostname : '' };
    case 'unix:':
      return { kind: 'unix', socketPath: decodeURIComponent(url.pathname) };
    default:
      throw new TypeError(`Cannot forward to ${url.href}: expected http://, https:// or unix:///`);
  }
}

function openDispatcher(target: EndpointTarget, connectTimeoutMs: number): Pool {
  // undici's HTTP/2 can't carry upgrades and trailers alike yet: HTTP/1.1 only.
  const connect = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    ...(target.kind === 'unix' ? { socketPath: target.socketPath } : {}),
  });
  return new Pool(originOf(target), {
    allowH2: false,
    // The route's own timeout counts, and a stream of events may be silent for hours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 64 * 1024,
    // Left to itself, undici takes the TLS name from the `Host` it sends, which is the visitor's under `preserve_host_header`.
    connect: (connection, callback) => connect({ ...connection, servername: target.kind === 'tls' ? target.servername : '' }, callback),
  });
}

function originOf(target: EndpointTarget): string {
  if (target.kind === 'unix') return 'http://localhost';
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  return `${target.kind === 'tls' ? 'https' : 'http'}://${host}:${target.port}`;
}
