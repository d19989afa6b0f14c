import { ProxyFailure } from '../http/proxy-failure.ts';
import type { UpgradeExchange } from '../http/upgrade-exchange.ts';
import type { Ongoing } from './ongoing.ts';
import type { Permit } from '../policy/decide.ts';
import { checkPermit } from './check-permit.ts';
import type { ForwardObserver } from './forward-observer.ts';
import { requestHeaders } from './request-headers.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import type { Vouched } from './vouched.ts';
import { Upgrading } from './upgrading.ts';
import { isUpgradeProtocol, readUpgradeHandshake } from './upgrade-handshake.ts';

/**
 * Asks the route's next endpoint to switch protocols and tunnels after its checked 101; any other answer is passed on as a plain
 * refusal; undefined where the request was no handshake and was
 * answered here. Throws a `ProxyFailure` for a permit of another route or target and for a protocol that the route does not allow.
 */
export function forwardUpgrade(
  permit: Permit,
  route: UpstreamRoute,
  upgrade: UpgradeExchange,
  vouched: Vouched,
  observe: ForwardObserver,
): Ongoing | undefined {
  const { inbound } = upgrade;
  checkPermit(permit, route, inbound);
  // Fail closed: refusing such a request is the caller's business, and it did not.
  if (isUpgradeProtocol(inbound.upgrade) && !route.upgrades.has(inbound.upgrade))
    throw new ProxyFailure('internal', `Cannot switch to ${inbound.upgrade}: route ${route.routeId} does not allow it`);
  const endpoint = route.pool.choose();
  const headers = requestHeaders({ inbound, plan: route.headers, endpoint, vouched, forUpgrade: true });
  const handshake = readUpgradeHandshake(inbound, headers);
  if (handshake === undefined) {
    upgrade.refuse(notAHandshake);
    observe.done({ upstreamMs: 0, status: notAHandshake.status, failure: undefined });
    return undefined;
  }
  const upgrading = new Upgrading({ route, endpoint, upgrade, handshake, observe });
  upgrading.start(headers);
  return upgrading;
}

const notAHandshake = {
  status: 400,
  headers: ['Content-Type', 'text/plain; charset=utf-8', 'Sec-WebSocket-Version', '13'],
  body: 'This is no WebSocket handshake of version 13 (RFC 6455 section 4.1).\n',
};
