import type { Inbound } from '../http/inbound.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Permit } from '../policy/decide.ts';
import type { UpstreamRoute } from './upstream-route.ts';

/** Throws unless the permit is for this route and this very target: the permit of one request is of no use to another. */
export function checkPermit(permit: Permit, route: UpstreamRoute, inbound: Inbound): void {
  if (permit.routeId !== route.routeId || permit.path !== inbound.path || permit.query !== inbound.query)
    throw new ProxyFailure('internal', `Cannot forward request ${inbound.id} to route ${route.routeId}: its permit is for another`);
}
