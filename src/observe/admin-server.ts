import { constants } from 'node:crypto';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { createServer as createTlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { nodeHttp } from '../http/node-http.ts';
import { hasCredentials } from './basic-auth.ts';

/** What one path of the admin server answers. */
export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Exact paths, without a query. */
export type AdminRoutes = ReadonlyMap<string, () => AdminReply | Promise<AdminReply>>;

export interface AdminServer {
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
  /**
   * Another password, other certificates: for every request and handshake from now on. Whether there is TLS, and whether it asks
   * for a certificate, stays as it was opened; the caller sees to it that both are as before.
   */
  renew(guard: AdminGuard): void;
  /** Ends idle connections at once and the others after their answer. */
  close(): Promise<void>;
}

export interface AdminServerOptions extends AdminGuard {
  readonly address: { readonly host: string; readonly port: number };
  readonly routes: AdminRoutes;
}

/** Who may read. */
export interface AdminGuard {
  /** `user:password`: nothing is answered without it, not even which paths there are. */
  readonly basicAuth?: string | undefined;
  /** Undefined: HTTP without TLS. */
  readonly tls?: AdminTls | undefined;
}

export interface AdminTls {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** PEM: who has no certificate of one of these does not get through the handshake; empty: none is asked for. */
  readonly clientAuthorities: readonly string[];
}

/**
 * HTTP for health checks and scrapers: GET and HEAD of the paths given, nothing else, with small bounds on everything a client may
 * send or hold open. Rejects when the address can't be had.
 */
export async function openAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { address, routes } = options;
  let { basicAuth, tls } = options;
  const sockets = new Set<Socket>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void answer({ routes, basicAuth }, request, response);
  const { plain: server, secure } = createFor(tls, onRequest);
  server.on('connection', (socket: Socket) => void sockets.add(socket.once('close', () => sockets.delete(socket))));
  server.maxConnections = 128;
  server.maxRequestsPerSocket = 1000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // An empty host means every address of the machine, which is what leaving it out means to Node.
    server.listen({ port: address.port, ...(address.host === '' ? {} : { host: address.host }) }, resolve);
  });
  // A connection that could not be accepted, for want of memory perhaps: its client asks again, and no health check is worth the process.
  server.removeAllListeners('error').on('error', () => undefined);
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    renew(guard) {
      ({ basicAuth } = guard);
      if (secure === undefined || guard.tls === undefined || JSON.stringify(guard.tls) === JSON.stringify(tls)) return;
      const asksAlike = JSON.stringify(guard.tls.clientAuthorities) === JSON.stringify(tls?.clientAuthorities);
      tls = guard.tls;
      secure.setSecureContext(contextOf(tls));
      // Whoever keeps a connection, or is in the middle of a handshake, would never be asked for the certificate that is needed now.
      if (!asksAlike) for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function createFor(tls: AdminTls | undefined, onRequest: Handler): { readonly plain: Server; readonly secure: TlsServer | undefined } {
  if (tls === undefined) return { plain: nodeHttp.createServer(bounds, onRequest), secure: undefined };
  const asks = tls.clientAuthorities.length > 0;
  const secure = createTlsServer(
    { ...bounds, ...contextOf(tls), handshakeTimeout: 5000, requestCert: asks, rejectUnauthorized: asks },
    onRequest,
  );
  return { plain: secure, secure };
}

function contextOf({ certificatePem: cert, keyPem: key, clientAuthorities }: AdminTls): SecureContextOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    // Always a list, if an empty one: an undefined `ca` means the public roots to Node, and whoever bought a certificate would be let in.
    ca: [...clientAuthorities],
    // Every certificate of a CA bundle is an anchor, an intermediate as well.
    allowPartialTrustChain: true,
    // Tickets would let a session outlive what was checked at its start.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (clientAuthorities.length > 0 ? constants.SSL_OP_NO_TICKET : 0),
  };
}

const bounds: ServerOptions = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

async function answer(
  { routes, basicAuth }: Pick<AdminServerOptions, 'routes' | 'basicAuth'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isAllowed = basicAuth === undefined || hasCredentials(request.headers.authorization, basicAuth);
  const reply = isAllowed ? await replyFor(routes, request) : plain(401, 'unauthorized');
  // No path takes a body: a client that sends one is not waited for, and its connection is not used again.
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...(isAllowed ? {} : { 'www-authenticate': 'Basic realm="metrics", charset="UTF-8"' }),
    ...(hasBody ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}

async function replyFor(routes: AdminRoutes, request: IncomingMessage): Promise<AdminReply> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const route = routes.get(path);
  if (route === undefined) return plain(404, 'not found');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'method not allowed');
  try {
    return await route();
  } catch {
    // The fault belongs to whoever made the route, and was theirs to log; a scraper learns only that there is no answer.
    return plain(500, 'internal error');
  }
}

function plain(status: number, text: string): AdminReply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
