import type { Exchange } from '../http/exchange.ts';
import { headerValues } from '../http/header-list.ts';
import type { Endpoint } from './endpoint.ts';
import { requestHeaders } from './request-headers.ts';
import { announcedTrailers, requestTrailers } from './request-trailers.ts';
import type { RequestTrailers, UpstreamRequest } from './transport.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import { upstreamTarget } from './upstream-target.ts';
import type { Vouched } from './vouched.ts';

/** A request as it leaves: the judged target, the headers of every step, and the body with its trailers. */
export function upstreamRequest(route: UpstreamRoute, endpoint: Endpoint, exchange: Exchange, vouched: Vouched): UpstreamRequest {
  const { inbound, body } = exchange;
  const headers = requestHeaders({ inbound, plan: route.headers, endpoint, vouched, forUpgrade: false });
  if (body?.length !== undefined) headers.push('Content-Length', String(body.length));
  const hasBody = body !== undefined && body.length !== 0;
  return {
    path: upstreamTarget(route, inbound),
    method: inbound.method,
    headers,
    body: hasBody ? body.stream : null,
    bodyLength: body?.length,
    // Constant per endpoint: by a changing one undici would close and open its connection at every turn.
    servername: endpoint.target.kind === 'unix' ? 'localhost' : endpoint.target.hostname,
    takesTrailers: headerValues(inbound.headers, 'te').some(wantsTrailers),
    trailers: hasBody ? trailersOf(route, exchange) : undefined,
  };
}

/** Made once: most requests have no `TE`, and pay for no function. */
const wantsTrailers = (te: string): boolean => trailersOption.test(te);
const trailersOption = /(?:^|,)[\t ]*trailers[\t ]*(?:,|$)/i;

function trailersOf({ headers: plan }: UpstreamRoute, { inbound, body }: Exchange): RequestTrailers {
  return {
    announced: announcedTrailers(inbound, plan),
    read: () => requestTrailers(inbound, plan, body?.trailers() ?? []),
  };
}
