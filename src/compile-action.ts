import type { Rewrites } from './compile-rewrites.ts';
import type { ForwardSettings } from './config/action-settings.ts';
import type { RouteSettings, Settings } from './config/settings.ts';
import { normalisedName } from './http/header-list.ts';
import type { Inbound } from './http/inbound.ts';
import type { Reply } from './http/reply.ts';
import type { Identity } from './identity/create-identity.ts';
import { routeReply } from './route-reply.ts';
import type { UpstreamPool } from './upstream/create-pool.ts';
import type { HeaderPlan } from './upstream/header-plan.ts';
import { kubernetesNames } from './upstream/kubernetes-headers.ts';
import type { UpstreamRoute } from './upstream/upstream-route.ts';

/** What becomes of an allowed request. */
export type RouteAction =
  | { readonly kind: 'forward'; readonly upstream: UpstreamRoute }
  /** Undefined: the request is refused, because no path comes out of it that could be answered. */
  | { readonly kind: 'reply'; readonly reply: (inbound: Inbound) => Reply | undefined };

export interface ActionParts {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly rewrites: Rewrites;
  openPool(route: RouteSettings, action: ForwardSettings): UpstreamPool;
}

/** The action of a route whose rewrites have compiled; nothing can be wrong with it any more. */
export function compileAction(route: RouteSettings, parts: ActionParts): RouteAction {
  const { settings, rewrites } = parts;
  const { action } = route;
  if (action.kind !== 'forward') {
    const { setResponseHeaders: set, access } = route;
    const { forwardedFor } = settings;
    const rewritePath = rewrites.pathOf(route);
    return { kind: 'reply', reply: routeReply({ action, rewritePath, set, forwardedFor, isPublic: access.publicAccess }) };
  }
  const upstream: UpstreamRoute = {
    routeId: `${route.index}`,
    pool: parts.openPool(route, action),
    headers: headerPlanOf(route, action, parts),
    timeoutMs: action.timeoutMs,
    idleTimeoutMs: action.idleTimeoutMs,
    upgrades: new Set(action.upgrades),
    rewritePath: rewrites.pathOf(route),
    responseRewrites: action.rewriteResponseHeaders,
    responseHeaders: route.setResponseHeaders.flat(),
  };
  return { kind: 'forward', upstream };
}

function headerPlanOf(route: RouteSettings, action: ForwardSettings, { settings, identity, rewrites }: ActionParts): HeaderPlan {
  const claimNames = settings.jwtClaimsHeaders.map(({ header }) => normalisedName(header));
  return {
    // A claim header may have any name: what we say under it, nobody else may say. Nor who acts towards a Kubernetes API.
    dropNames: new Set(action.kubernetesToken === undefined ? claimNames : [...claimNames, ...kubernetesNames]),
    isOurCookie: (name) => identity.cookieNames.isOurs(name),
    set: route.setRequestHeaders,
    remove: new Set(route.removeRequestHeaders.map((name) => name.toLowerCase())),
    hostOf: rewrites.hostOf(route),
    forwardedFor: action.forwardedFor,
  };
}
