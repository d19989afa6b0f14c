import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import { parseTarget } from '../http/path.ts';
import { inspectHeaders } from './inspect-headers.ts';
import type { ListenerReason, ListenerRefusal, RefusalStatus } from './listener-refusal.ts';
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
export function readInbound(parts: InboundParts): Inbound | ListenerRefusal {
  const { method, rawAuthority } = parts;
  if (parts.authorityCount > 1) return refuse(parts, 'header-duplicate');
  const authority = rawAuthority === undefined ? undefined : parseAuthority(rawAuthority);
  if (rawAuthority === undefined || authority === undefined) return refuse(parts, 'host-invalid');
  // A proxy that is no tunnel has nothing to connect to, and the target of a CONNECT is no path.
  if (method === 'CONNECT') return refuse(parts, 'target-invalid');
  const target = parseTarget(parts.rawTarget);
  if (typeof target === 'string') return refuse(parts, target);
  // An upstream that serves TRACE echoes what it got: the assertion, and the secrets of `set_request_headers`, back to the visitor.
  if (method.toUpperCase() === 'TRACE') return refuse(parts, 'method-refused', 405);
  const inspected = inspectHeaders(parts.headers, parts.protocol);
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

/** A refusal of what was sent, also for reasons that were found elsewhere. */
export function refuse(parts: InboundParts, reason: ListenerReason, status: RefusalStatus = 400): ListenerRefusal {
  const { id, receivedAt, method, rawAuthority, rawTarget, headers, connection } = parts;
  return { kind: 'refused', id, receivedAt, reason, status, method, rawAuthority, rawTarget, headers, connection };
}
