import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Authority } from '../http/hostname.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import type { InboundRules } from '../http/inbound-rules.ts';
import type { TargetRefusal } from '../http/path.ts';
import { parseTarget } from '../http/path.ts';
import { inspectHeaders } from './inspect-headers.ts';
import type { ListenerReason, ListenerRedirect, ListenerRefusal, RefusalStatus, Unserved } from './listener-refusal.ts';
import { readUpgrade } from './read-upgrade.ts';

/** A request as it stood on the wire, before anything of it was believed. */
export interface InboundParts {
  readonly id: string;
  readonly receivedAt: number;
  readonly protocol: Inbound['protocol'];
  readonly method: string;
  /** The first `Host`, or `:authority`; undefined when there is none. */
  readonly rawAuthority: string | undefined;
  /** How many were sent; `:authority` beside an equal `host` counts as one. */
  readonly authorityCount: number;
  readonly rawTarget: string;
  /** Without `Host` and pseudo-header fields. */
  readonly headers: HeaderList;
  readonly connection: Connection;
}

/**
 * Proves a request, or says why it is refused; ambiguous ones are refused rather than interpreted. Needs no socket, so `explain` reads its
 * request with the same eyes. The method counts as written: `connect` is not `CONNECT`.
 */
export function readInbound(parts: InboundParts, rules: InboundRules): Inbound | Unserved {
  const { method, rawAuthority } = parts;
  if (parts.authorityCount > 1) return refuse(parts, 'header-duplicate');
  const authority = rawAuthority === undefined ? undefined : parseAuthority(rawAuthority);
  if (rawAuthority === undefined || authority === undefined) return refuse(parts, 'host-invalid');
  // A proxy that is no tunnel has nothing to connect to, and the target of a CONNECT is no path.
  if (method === 'CONNECT') return refuse(parts, 'target-invalid');
  const target = parseTarget(parts.rawTarget, rules);
  if (typeof target === 'string') return withoutTarget(parts, authority, target, rules);
  // An upstream that serves TRACE echoes what it got: the assertion, and the secrets of `set_request_headers`, back to the visitor.
  if (method.toUpperCase() === 'TRACE') return refuse(parts, 'method-refused', 405);
  const inspected = inspectHeaders(parts.headers, parts.protocol, rules.underscores);
  if ('reason' in inspected) return refuse(parts, inspected.reason, inspected.status);
  const upgrade = readUpgrade(parts, inspected);
  if ('reason' in upgrade) return refuse(parts, upgrade.reason, upgrade.status);
  return {
    id: parts.id,
    receivedAt: parts.receivedAt,
    protocol: parts.protocol,
    method,
    authority,
    rawAuthority,
    path: target.path,
    query: target.query,
    headers: upgrade.headers,
    upgrade: upgrade.token,
    connection: parts.connection,
  };
}

/** `unescape_and_redirect`: the canonical path of the same host, so that the request that is judged is the one in the address bar. */
function withoutTarget(parts: InboundParts, authority: Authority, refusal: TargetRefusal, rules: InboundRules): Unserved {
  if (refusal !== 'path-escaped-slash' || rules.escapedSlashes !== 'unescape_and_redirect') return refuse(parts, refusal);
  const target = parseTarget(parts.rawTarget, { ...rules, escapedSlashes: 'unescape_and_forward' });
  if (typeof target === 'string') return refuse(parts, target);
  const { hostname, port } = authority;
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  const there = `${target.path}${target.query}`;
  // Without TLS it is what stands in front that knows the visitor's scheme: an absolute address would lead from https:// to http://. A
  // canonical path begins with one slash only, so that it is never read as the address of another host.
  const location = parts.connection.scheme === 'https' ? `https://${host}${there}` : there;
  return redirect(parts, { reason: refusal, status: 307, location });
}

/** The answer to a request that is served elsewhere. */
export function redirect(parts: InboundParts, to: Pick<ListenerRedirect, 'reason' | 'status' | 'location'>): ListenerRedirect {
  const { id, receivedAt, method, rawAuthority, rawTarget, headers, connection } = parts;
  return { kind: 'redirected', ...to, id, receivedAt, method, rawAuthority, rawTarget, headers, connection };
}

/** A refusal of what was sent, also for reasons that were found elsewhere. */
export function refuse(parts: InboundParts, reason: ListenerReason, status: RefusalStatus = 400): ListenerRefusal {
  const { id, receivedAt, method, rawAuthority, rawTarget, headers, connection } = parts;
  return { kind: 'refused', id, receivedAt, reason, status, method, rawAuthority, rawTarget, headers, connection };
}
