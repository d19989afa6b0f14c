import type { Inbound } from '../http/inbound.ts';
import type { Unserved } from './listener-refusal.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { InboundParts } from './read-inbound.ts';
import { redirect, refuse } from './read-inbound.ts';

/**
 * The answer of the listener that serves nothing: the same address with TLS. Read like every request first, so that what would be refused
 * there is refused here, and a malformed `Host` is never written into a `Location`.
 */
export function redirectToHttps(parts: InboundParts, reading: Inbound | Unserved): Unserved {
  if ('kind' in reading && reading.kind === 'refused') return reading;
  const authority = parseAuthority(parts.rawAuthority ?? '');
  if (authority === undefined) return refuse(parts, 'host-invalid');
  // Without its port: the one that was asked is this listener's. Path and query as sent: behind TLS they are read as here.
  const location = `https://${authority.hostname}${parts.rawTarget}`;
  return redirect(parts, { reason: 'https-required', status: 301, location });
}
