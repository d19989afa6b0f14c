import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ProxyTarget } from 'http-proxy-3';
import type { HeaderList } from '../http/header-list.ts';
import { nodeHttp } from '../http/node-http.ts';
import type { ClientSide } from './client-side.ts';
import type { Endpoint } from './endpoint.ts';
import { loadHttpProxy } from './load-http-proxy.ts';

export interface UpgradeStart {
  readonly endpoint: Endpoint;
  /** Sent as it stands. */
  readonly method: string;
  readonly target: string;
  /** Every header to send, `Connection` and `Upgrade` included. */
  readonly headers: HeaderList;
  readonly client: ClientSide;
  /** What the client sent early; it reaches the upstream after its 101 only. */
  readonly head: Buffer;
  readonly connectTimeoutMs: number;
  /** Called before the request is sent and before http-proxy-3 listens to it: listeners added there are the first. */
  readonly onRequest: (request: ClientRequest) => void;
  readonly onError: (error: unknown) => void;
}

/** Lets http-proxy-3 ask for the upgrade, and tunnel after it. It sees a request of our making, never the client's. */
export function startUpgrade(start: UpgradeStart): void {
  const { endpoint, method, target, client, head, connectTimeoutMs, onError } = start;
  const proxy = loadHttpProxy().createProxyServer({});
  proxy.on('error', onError);
  proxy.on('proxyReqWs', (request) => {
    // Two URL parsers of the library's lie between what it was given and this: the target is the judged one again from here.
    request.path = target;
    start.onRequest(request);
  });
  const headers = groupByName(start.headers);
  const options = {
    target: libraryTarget(endpoint),
    prependPath: false,
    xfwd: false,
    connectTimeout: connectTimeoutMs,
    // The library lets nothing pass but a GET that asks for a WebSocket: what is really asked is put in place behind that check.
    method,
    headers: { upgrade: headers['upgrade'] },
    ...tlsOptions(endpoint),
  };
  proxy.ws(standInRequest(target, { ...headers, upgrade: 'websocket' }), client, head, options, onError);
}

/**
 * As a context, made where the pool was: the library overwrites `ca`, `cert` and `key` with those of its target, which has none, and
 * Node would then trust the public roots. A new object each time, because the library writes into it.
 */
function tlsOptions({ target }: Endpoint): { readonly secure: boolean; readonly ssl: Record<string, unknown> } {
  if (target.kind !== 'tls') return { secure: true, ssl: {} };
  // Without a name Node would take the `Host` header's, which may be the visitor's.
  const { servername, secureContext, rejectUnauthorized, checkServerIdentity } = target.tls;
  return { secure: rejectUnauthorized, ssl: { servername, secureContext, checkServerIdentity } };
}

function libraryTarget({ target }: Endpoint): ProxyTarget {
  if (target.kind === 'unix') return { protocol: 'http:', host: 'localhost', port: 80, socketPath: target.socketPath };
  const { hostname, port } = target;
  return { protocol: target.kind === 'tls' ? 'https:' : 'http:', host: hostname, hostname, port };
}

function standInRequest(target: string, headers: IncomingHttpHeaders): IncomingMessage {
  const request = new nodeHttp.IncomingMessage(new Socket());
  request.method = 'GET';
  request.url = target;
  request.headers = headers;
  return request;
}

/** Repeated fields as lists: as an object's properties, two spellings of one name would replace each other. */
function groupByName(headers: HeaderList): Record<string, string | string[]> {
  const grouped = new Map<string, string[]>();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name, value] = [headers[index], headers[index + 1]];
    if (name === undefined || value === undefined) continue;
    const values = grouped.get(name.toLowerCase());
    if (values === undefined) grouped.set(name.toLowerCase(), [value]);
    else values.push(value);
  }
  return Object.fromEntries([...grouped].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]));
}
