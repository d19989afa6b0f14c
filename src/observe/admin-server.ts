import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

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
  /** Ends idle connections at once and the others after their answer. */
  close(): Promise<void>;
}

/**
 * Plain HTTP for health checks and scrapers: GET and HEAD of the paths given, nothing else, with small bounds on everything a client may
 * send or hold open. Rejects when the address can't be had.
 */
export async function openAdminServer(options: {
  readonly address: { readonly host: string; readonly port: number };
  readonly routes: AdminRoutes;
}): Promise<AdminServer> {
  const { address, routes } = options;
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 },
    (request, response) => void answer(routes, request, response),
  );
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
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(routes: AdminRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await replyFor(routes, request);
  // No path takes a body: a client that sends one is not waited for, and its connection is not used again.
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.status === 405 ? { allow: 'GET, HEAD' } : {}),
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
