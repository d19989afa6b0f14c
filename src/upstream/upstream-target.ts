import type { Inbound } from '../http/inbound.ts';
import type { CanonicalPath } from '../http/path.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { UpstreamRoute } from './upstream-route.ts';

/** The request target sent to an upstream: the canonical path as the route rewrites it, and the query byte for byte. */
export function upstreamTarget(route: Pick<UpstreamRoute, 'routeId' | 'rewritePath'>, inbound: Inbound): string {
  const path = upstreamPath(route, inbound);
  // Fail closed: whoever admits a request refuses one without a path, and did not.
  if (path === undefined) throw new ProxyFailure('internal', `Cannot forward to route ${route.routeId}: the path can't be rewritten`);
  return path + inbound.query;
}

/** The path that an upstream gets; undefined when the request is to be refused, because no path comes out that was judged. */
export function upstreamPath(
  { rewritePath }: Pick<UpstreamRoute, 'rewritePath'>,
  { path }: Pick<Inbound, 'path'>,
): CanonicalPath | undefined {
  return rewritePath === undefined ? path : rewritePath(path);
}
