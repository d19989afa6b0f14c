import type { Inbound } from '../http/inbound.ts';
import type { Endpoint } from './endpoint.ts';
import type { UpstreamRoute } from './upstream-route.ts';

/** The request target sent to an upstream: the canonical path, with the path of `to` in front or in place of the route's prefix. */
export function upstreamTarget(
  route: Pick<UpstreamRoute, 'matchedPrefix'>,
  { basePath }: Pick<Endpoint, 'basePath'>,
  inbound: Inbound,
): string {
  if (basePath === '') return inbound.path + inbound.query;
  const prefix = route.matchedPrefix;
  if (prefix === undefined || !inbound.path.startsWith(prefix)) return basePath + inbound.path + inbound.query;
  // Text for text, a slash for a slash. Another slash put between would make a dot segment of what was none when it was judged:
  // `/app../x` under the prefix `/app` would leave the base path.
  const slash = prefix.endsWith('/') ? '/' : '';
  return basePath + slash + inbound.path.slice(prefix.length) + inbound.query;
}
