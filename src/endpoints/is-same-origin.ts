import { headerValues } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import { ownOrigin } from './own-origin.ts';

/**
 * Whether a page of this very origin sent the request. Told by `Sec-Fetch-Site`, and where a browser sends none by `Origin` (Fetch section
 * 3.2); a request with neither, or with two of one, is refused: what is asked for here lasts, and no program has to ask for it.
 */
export function isSameOrigin(inbound: Inbound): boolean {
  const [site, ...furtherSites] = headerValues(inbound.headers, 'sec-fetch-site');
  if (site !== undefined) return furtherSites.length === 0 && site.trim().toLowerCase() === 'same-origin';
  const [origin, ...furtherOrigins] = headerValues(inbound.headers, 'origin');
  return origin !== undefined && furtherOrigins.length === 0 && origin.trim().toLowerCase() === ownOrigin(inbound);
}
