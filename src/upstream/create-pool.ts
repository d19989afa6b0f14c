import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import type { UpstreamSettings } from '../config/action-settings.ts';
import { clientContext } from './client-context.ts';
import type { Endpoint, EndpointTarget, EndpointTls } from './endpoint.ts';
import type { UpstreamTls } from './upstream-tls.ts';
import { weightedTurns } from './weighted-turns.ts';

export interface PoolOptions {
  /** At least one; `http:`, `https:` or `unix:`. A query or fragment is ignored. */
  readonly to: readonly UpstreamSettings[];
  /** For those of `to` that are `https:`. */
  readonly tls: UpstreamTls;
  readonly connectTimeoutMs?: number;
}

export interface UpstreamPool extends AsyncDisposable {
  readonly connectTimeoutMs: number;
  /** The next endpoint in turn, by weight. */
  choose(): Endpoint;
}

const usualConnectTimeoutMs = 10_000;

/**
 * Opens nothing yet: connections are made when they are needed and kept open for the next request. Disposing waits for
 * requests in flight. Throws a `RangeError` for an empty list and a `TypeError` for a scheme that can't be spoken.
 */
export function createPool(options: PoolOptions): UpstreamPool {
  const { to, tls, connectTimeoutMs = usualConnectTimeoutMs } = options;
  const entries = to.map(({ url, weight }) => ({ value: openEndpoint(url, tls, connectTimeoutMs), weight }));
  return {
    connectTimeoutMs,
    choose: weightedTurns(entries),
    async [Symbol.asyncDispose]() {
      await Promise.all(entries.map(({ value }) => value.dispatcher.close()));
    },
  };
}

/** Equal for equal settings, so that an unchanged pool is kept over a reload. Hashed, because a private key is part of it. */
export function poolKey({ to, tls, connectTimeoutMs = usualConnectTimeoutMs }: PoolOptions): string {
  const parts = [to.map(({ url, weight }) => [url.href, weight]), connectTimeoutMs, tls.skipVerify, tls.serverName, tls.roots, tls.client];
  return `pool ${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

function openEndpoint(url: URL, tls: UpstreamTls, connectTimeoutMs: number): Endpoint {
  const target = readTarget(url, tls);
  return {
    url: url.href,
    host: target.kind === 'unix' ? 'localhost' : url.host,
    target,
    dispatcher: openDispatcher(target, connectTimeoutMs),
  };
}

function readTarget(url: URL, tls: UpstreamTls): EndpointTarget {
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  switch (url.protocol) {
    case 'http:':
      return { kind: 'tcp', hostname, port: Number(url.port || 80) };
    case 'https:':
      return { kind: 'tls', hostname, port: Number(url.port || 443), tls: endpointTls(hostname, tls) };
    case 'unix:':
      return { kind: 'unix', socketPath: decodeURIComponent(url.pathname) };
    default:
      throw new TypeError(`Cannot forward to ${url.href}: expected http://, https:// or unix:///`);
  }
}

function endpointTls(hostname: string, tls: UpstreamTls): EndpointTls {
  const expected = tls.serverName ?? hostname;
  return {
    servername: isIP(expected) === 0 ? expected : '',
    secureContext: clientContext(tls),
    rejectUnauthorized: !tls.skipVerify,
    checkServerIdentity: (_hostname, certificate) => checkServerIdentity(expected, certificate),
  };
}

function openDispatcher(target: EndpointTarget, connectTimeoutMs: number): Pool {
  const tls = target.kind === 'tls' ? target.tls : undefined;
  // undici's HTTP/2 can't carry upgrades and trailers alike yet: HTTP/1.1 only.
  const connect = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    ...(target.kind === 'unix' ? { socketPath: target.socketPath } : {}),
    ...tls,
  });
  return new Pool(originOf(target), {
    allowH2: false,
    // The route's own timeout counts, and a stream of events may be silent for hours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 64 * 1024,
    // Left to itself, undici takes the TLS name from the `Host` it sends, which is the visitor's under `preserve_host_header`.
    connect: (connection, callback) =>
      connect({ ...connection, servername: tls?.servername ?? '' }, tls ? keepingAlert(callback) : callback),
  });
}

/**
 * In TLS 1.3 an upstream says after the handshake that it wants another certificate or none of ours. undici forgets that alert when the
 * end of the connection follows, and it would look like an answer that broke off: the connection ends with the alert instead.
 */
function keepingAlert(callback: buildConnector.Callback): buildConnector.Callback {
  return (...outcome) => {
    const [, socket] = outcome;
    socket?.once('error', () => socket.destroy());
    callback(...outcome);
  };
}

function originOf(target: EndpointTarget): string {
  if (target.kind === 'unix') return 'http://localhost';
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  return `${target.kind === 'tls' ? 'https' : 'http'}://${host}:${target.port}`;
}
