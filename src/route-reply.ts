import type { RedirectSettings, RouteActionSettings } from './config/action-settings.ts';
import type { ForwardedForSettings, RouteSettings } from './config/settings.ts';
import type { HeaderList } from './http/header-list.ts';
import type { Inbound } from './http/inbound.ts';
import type { Reply } from './http/reply.ts';
import type { PathRewrite } from './upstream/path-rewrite.ts';
import { visitorScheme } from './upstream/visitor-scheme.ts';

export interface RouteReplyParts {
  readonly action: Exclude<RouteActionSettings, { readonly kind: 'forward' }>;
  /** Of a redirect that replaces the prefix. */
  readonly rewritePath: PathRewrite | undefined;
  readonly set: RouteSettings['setResponseHeaders'];
  readonly forwardedFor: Pick<ForwardedForSettings, 'trustedHops'>;
  /** Whether the answer is the same for everybody, so that anybody may be told it by a cache. */
  readonly isPublic: boolean;
}

/**
 * The answer of a route that leads to no upstream: a redirect, or a fixed text. It is asked only for requests that were allowed, and
 * answers undefined where a redirect would lead to no path.
 */
export function routeReply(parts: RouteReplyParts): (inbound: Inbound) => Reply | undefined {
  const { action, rewritePath, forwardedFor } = parts;
  const set = withPrivacy(parts);
  if (action.kind === 'respond') {
    const reply = { status: action.status, headers: textHeaders(set, action.body), body: action.body };
    return () => reply;
  }
  const headers = set.filter(([name]) => name.toLowerCase() !== 'location').flat();
  return (inbound) => {
    const target = redirectTarget(action, rewritePath, inbound);
    if (target === undefined) return undefined;
    const location = redirectOrigin(action, inbound, visitorScheme(inbound, forwardedFor)) + target;
    return { status: action.status, headers: [...headers, 'Location', location], body: '' };
  };
}

/** A cache in front may keep a 301 without being told to (RFC 9110 section 15.4.2), and would give it to whoever asks next. */
function withPrivacy({ set, isPublic }: Pick<RouteReplyParts, 'set' | 'isPublic'>): RouteReplyParts['set'] {
  return isPublic || set.some(([name]) => name.toLowerCase() === 'cache-control') ? set : [...set, ['Cache-Control', 'private']];
}

function textHeaders(set: RouteReplyParts['set'], body: string): HeaderList {
  const hasType = body === '' || set.some(([name]) => name.toLowerCase() === 'content-type');
  return hasType ? set.flat() : [...set.flat(), 'Content-Type', 'text/plain; charset=utf-8'];
}

type Scheme = 'http' | 'https';

const defaultPorts = { http: 80, https: 443 } as const;

/** As Envoy does it: another host comes without the old port, and another scheme without the old scheme's own. */
function redirectOrigin(action: RedirectSettings, { authority }: Inbound, seen: Scheme): string {
  const scheme = action.scheme ?? seen;
  const keepsPort = action.host === undefined && !(scheme !== seen && authority.port === defaultPorts[seen]);
  const port = action.port ?? (keepsPort ? authority.port : undefined);
  const host = action.host ?? authority.hostname;
  return port === undefined || port === defaultPorts[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}

/** Path and query. A path of the configuration that has a query of its own keeps it, whatever becomes of the request's. */
function redirectTarget(
  { path, stripQuery }: RedirectSettings,
  rewritePath: PathRewrite | undefined,
  inbound: Inbound,
): string | undefined {
  const query = stripQuery ? '' : asAscii(inbound.query);
  if (path?.kind === 'whole') return path.path.includes('?') ? path.path : path.path + query;
  const rewritten = rewritePath === undefined ? inbound.path : rewritePath(inbound.path);
  return rewritten === undefined ? undefined : rewritten + query;
}

/** A query may hold bytes that no URI has: read by a browser as characters of another encoding, they would come back as others. */
function asAscii(query: string): string {
  return query.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
