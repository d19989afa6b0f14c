import { headerValue } from './header-list.ts';
import { parseAuthority } from './hostname.ts';
import type { Inbound } from './inbound.ts';

interface AskedFrom extends Pick<Inbound, 'method' | 'upgrade' | 'headers' | 'authority'> {
  readonly connection: Pick<Inbound['connection'], 'scheme'>;
}

/**
 * Whether a page of another site has its visitor's browser change something here, or open a tunnel. Told by `Sec-Fetch-Site`, which pages
 * can't write, and where that is absent by `Origin` (Fetch section 3.2); a program sends neither and is nobody's page.
 */
export function isCrossSiteChange(inbound: AskedFrom): boolean {
  if (safeMethods.has(inbound.method) && inbound.upgrade === undefined) return false;
  const site = headerValue(inbound.headers, 'sec-fetch-site');
  // In doubt foreign: a word that nobody knows yet may mean anything.
  if (site !== undefined) return !ownSites.has(site.trim().toLowerCase());
  const origin = headerValue(inbound.headers, 'origin');
  return origin !== undefined && !isOwnOrigin(origin, inbound);
}

/** RFC 9110 section 9.2.1; TRACE is refused before. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const ownSites: ReadonlySet<string> = new Set(['none', 'same-origin', 'same-site']);
const httpsScheme = 'https://';
const httpScheme = 'http://';

/** `null`, which sandboxed pages send, is nobody's own. */
function isOwnOrigin(origin: string, { authority, connection }: AskedFrom): boolean {
  const scheme = origin.startsWith(httpsScheme) ? httpsScheme : httpScheme;
  // Where something in front ends TLS, either may be what the visitor sees.
  if (!origin.startsWith(scheme) || (scheme === httpScheme && connection.scheme === 'https')) return false;
  const from = parseAuthority(origin.slice(scheme.length));
  const usualPort = scheme === httpsScheme ? 443 : 80;
  return from !== undefined && from.hostname === authority.hostname && (from.port ?? usualPort) === (authority.port ?? usualPort);
}
