import type { RuntimeFlags } from '../config/settings.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import type { EndpointRow } from './endpoint-table.ts';
import { endpointTable } from './endpoint-table.ts';
import type { Reply } from '../http/reply.ts';
import { errorReply } from './error-reply.ts';
import { notFound } from './not-found.ts';
import { isPreflight, preflightReply } from './preflight.ts';

/**
 * The own endpoint of a canonical path, or undefined when the path belongs to routes. Reserved paths exist on every host and
 * come before every route (an app must not be able to answer for them): those that hold nothing are found too, and answer 404.
 */
export function findEndpoint({
  path,
  isAuthenticateHost,
  isCertificateHost = false,
  flags,
}: {
  readonly path: string;
  readonly isAuthenticateHost: boolean;
  readonly isCertificateHost?: boolean;
  readonly flags: RuntimeFlags;
}): Endpoint | undefined {
  const found = endpoints.get(path);
  const isServed = { every: true, authenticate: isAuthenticateHost, certificate: isCertificateHost };
  if (found !== undefined && isServed[found.row.hosts] && (found.row.flag === undefined || flags[found.row.flag])) return found.endpoint;
  return isReserved(path) ? { ...nothing, name: path } : undefined;
}

const nothing: Omit<Endpoint, 'name'> = { needsSession: false, signsIn: false, usesPerson: false, usesCertificate: false, serve: notFound };

const prefixes = ['/.pomerium', '/.well-known/pomerium'];

/** Whether a canonical path is never a route's, whatever the host. */
export function isReserved(path: string): boolean {
  if (path === '/ping' || path === '/healthz') return true;
  return prefixes.some((prefix) => path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'));
}

const endpoints: ReadonlyMap<string, { readonly row: EndpointRow; readonly endpoint: Endpoint }> = new Map(
  endpointTable.map((row) => [row.path, { row, endpoint: endpointOf(row) }]),
);

function endpointOf(row: EndpointRow): Endpoint {
  const { path, needsSession, signsIn = needsSession, usesPerson, usesCertificate = false } = row;
  return { name: path, needsSession, signsIn, usesPerson, usesCertificate, serve: (context) => serveRow(row, context) };
}

function serveRow(row: EndpointRow, context: EndpointContext): Promise<Reply> | Reply {
  const { inbound } = context;
  if (row.methods.includes(inbound.method)) return row.serve(context);
  if (row.crossOrigin && isPreflight(inbound)) return preflightReply(row.methods);
  const allow = row.crossOrigin ? [...row.methods, 'OPTIONS'] : row.methods;
  return errorReply({ status: 405, reference: inbound.id, headers: inbound.headers, extraHeaders: ['Allow', allow.join(', ')] });
}
