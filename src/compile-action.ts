import type { Rewrites } from './compile-rewrites.ts';
import type { ForwardSettings } from './config/action-settings.ts';
import type { RouteSettings, Settings } from './config/settings.ts';
import type { HeaderList } from './http/header-list.ts';
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

/** Compiles the actions of routes whose rewrites have compiled; nothing can be wrong with them any more. */
export function createActionCompiler(parts: ActionParts): (route: RouteSettings) => RouteAction {
  const { settings, rewrites } = parts;
  const shared = shareParts(parts);
  return (route) => {
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
      headers: headerPlanOf(route, action, { rewrites, shared }),
      timeoutMs: action.timeoutMs,
      idleTimeoutMs: action.idleTimeoutMs,
      upgrades: action.upgrades.length === 0 ? nothing : new Set(action.upgrades),
      rewritePath: rewrites.pathOf(route),
      responseRewrites: action.rewriteResponseHeaders,
      responseHeaders: shared.responseHeaders(route.setResponseHeaders),
    };
    return { kind: 'forward', upstream };
  };
}

const nothing: ReadonlySet<never> = new Set<never>();

/** What thousands of routes have in common: one object for all of them. */
interface SharedParts {
  readonly dropNames: ReadonlySet<string>;
  readonly dropNamesOfKubernetes: ReadonlySet<string>;
  readonly isOurCookie: (name: string) => boolean;
  readonly responseHeaders: (set: RouteSettings['setResponseHeaders']) => HeaderList;
}

function shareParts({ settings, identity }: ActionParts): SharedParts {
  const claimNames = settings.jwtClaimsHeaders.map(({ header }) => normalisedName(header));
  // Routes that set none of their own have one list between them.
  const flat = new Map<RouteSettings['setResponseHeaders'], HeaderList>();
  return {
    // A claim header may have any name: what we say under it, nobody else may say. Nor who acts towards a Kubernetes API.
    dropNames: new Set(claimNames),
    dropNamesOfKubernetes: new Set([...claimNames, ...kubernetesNames]),
    isOurCookie: (name) => identity.cookieNames.isOurs(name),
    responseHeaders(set) {
      const list = flat.get(set) ?? set.flat();
      flat.set(set, list);
      return list;
    },
  };
}

function headerPlanOf(
  route: RouteSettings,
  action: ForwardSettings,
  { rewrites, shared }: { readonly rewrites: Rewrites; readonly shared: SharedParts },
): HeaderPlan {
  const { removeRequestHeaders: removed } = route;
  return {
    dropNames: action.kubernetesToken === undefined ? shared.dropNames : shared.dropNamesOfKubernetes,
    isOurCookie: shared.isOurCookie,
    set: route.setRequestHeaders,
    remove: removed.length === 0 ? nothing : new Set(removed.map((name) => name.toLowerCase())),
    hostOf: rewrites.hostOf(route),
    forwardedFor: action.forwardedFor,
  };
}
