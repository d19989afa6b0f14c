import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { UpgradeExchange } from '../http/upgrade-exchange.ts';
import type { Permit } from '../policy/decide.ts';
import { checkPermit } from './check-permit.ts';
import type { ForwardObserver } from './forward-observer.ts';
import { requestHeaders } from './request-headers.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import { Upgrading } from './upgrading.ts';
import { readHandshake } from './websocket-handshake.ts';

/**
 * Asks the route's next endpoint for a WebSocket and tunnels after its checked 101; any other answer is passed on as a plain
 * refusal. Throws a `ProxyFailure` for a permit of another route or target and for a route without WebSockets.
 */
export function forwardUpgrade(
  permit: Permit,
  route: UpstreamRoute,
  upgrade: UpgradeExchange,
  identity: HeaderList,
  observe: ForwardObserver,
): void {
  const { inbound } = upgrade;
  checkPermit(permit, route, inbound);
  // Fail closed: refusing such a request is the caller's business, and it did not.
  if (!route.allowWebsockets) throw new ProxyFailure('internal', `Cannot open a WebSocket: route ${route.routeId} does not allow any`);
  const endpoint = route.pool.choose();
  const headers = requestHeaders({ inbound, plan: route.headers, endpoint, identity, forUpgrade: true });
  const handshake = inbound.method === 'GET' && inbound.upgrade === 'websocket' ? readHandshake(headers) : undefined;
  if (handshake === undefined) {
    upgrade.refuse(notAHandshake);
    observe.done({ upstreamMs: 0, status: notAHandshake.status, failure: undefined });
    return;
  }
  new Upgrading({ route, endpoint, upgrade, handshake, observe }).start(headers);
}

const notAHandshake = {
  status: 400,
  headers: ['Content-Type', 'text/plain; charset=utf-8', 'Sec-WebSocket-Version', '13'],
  body: 'This is no WebSocket handshake of version 13 (RFC 6455 section 4.1).\n',
};
