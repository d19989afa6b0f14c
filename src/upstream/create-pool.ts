import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { UpstreamSettings } from '../config/action-settings.ts';
import { clientContext } from './client-context.ts';
import { Deadlines } from './deadlines.ts';
import type { Endpoint, EndpointTarget, EndpointTls } from './endpoint.ts';
import { connectionsTo } from './open-connection.ts';
import type { Transport } from './transport.ts';
import { Http1Transport } from './transports/http1-transport.ts';
import { Http2Transport } from './transports/http2-transport.ts';
import { NegotiatingTransport } from './transports/negotiating-transport.ts';
import { PlainTransport } from './transports/plain-transport.ts';
import type { UpstreamTls } from './upstream-tls.ts';
import { weightedTurns } from './weighted-turns.ts';

export interface PoolOptions {
  /** At least one; `http:`, `https:`, `h2c:` (HTTP/2 without TLS) or `unix:`. A query or fragment is ignored. */
  readonly to: readonly UpstreamSettings[];
  /** For those of `to` that are `https:`. */
  readonly tls: UpstreamTls;
  readonly connectTimeoutMs?: number;
}

export interface UpstreamPool extends AsyncDisposable {
  readonly connectTimeoutMs: number;
  /** Of the exchanges with its endpoints, those that are short excepted. */
  readonly deadlines: Deadlines;
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
  const deadlines = new Deadlines({ clock: () => performance.now() });
  return {
    connectTimeoutMs,
    deadlines,
    choose: weightedTurns(entries),
    async [Symbol.asyncDispose]() {
      await Promise.all(entries.map(({ value }) => value.transport.close()));
      deadlines[Symbol.dispose]();
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
    transport: openTransport(url, target, connectTimeoutMs),
  };
}

function readTarget(url: URL, tls: UpstreamTls): EndpointTarget {
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  switch (url.protocol) {
    case 'http:':
    case 'h2c:':
      return { kind: 'tcp', hostname, port: Number(url.port || 80) };
    case 'https:':
      return { kind: 'tls', hostname, port: Number(url.port || 443), tls: endpointTls(hostname, tls) };
    case 'unix:':
      return { kind: 'unix', socketPath: decodeURIComponent(url.pathname) };
    default:
      throw new TypeError(`Cannot forward to ${url.href}: expected http://, https://, h2c:// or unix:///`);
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

function openTransport(url: URL, target: EndpointTarget, connectTimeoutMs: number): Transport {
  const open = connectionsTo(target, connectTimeoutMs, target.kind === 'tls');
  if (target.kind === 'tls') return new NegotiatingTransport(target, open);
  if (url.protocol === 'h2c:') return new Http2Transport({ scheme: 'http', open, accepts: () => true });
  return new Http1Transport({ target, open, bodiless: new PlainTransport({ target, connectTimeoutMs }) });
}
