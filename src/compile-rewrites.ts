import type { SettingPath } from './config/problem.ts';
import { writePath } from './config/problem.ts';
import type { WarningCode } from './config/warning-texts.ts';
import type { RouteSettings, Settings } from './config/settings.ts';
import { normalisedName } from './http/header-list.ts';
import { parseHeaderTemplate } from './upstream/header-template.ts';
import type { HostOf } from './upstream/host-header.ts';
import { compileHostHeader, hostOfUpstream } from './upstream/host-header.ts';
import { kubernetesNames } from './upstream/kubernetes-headers.ts';
import type { PathRewrite } from './upstream/path-rewrite.ts';
import { compilePathRewrite } from './upstream/path-rewrite.ts';
import type { Compiled } from './upstream/substitution.ts';

/** What the routes make of paths and hosts. Of no use while there are problems. */
export interface Rewrites {
  /** Of a route that forwards or redirects; undefined: the path stays as it came. */
  pathOf(route: RouteSettings): PathRewrite | undefined;
  hostOf(route: RouteSettings): HostOf;
  /** Expressions that are none. */
  readonly problems: readonly RewriteNotice[];
  /** Request headers that a route sets in vain, as a whole or in part. */
  readonly warnings: readonly (RewriteNotice & { readonly code: WarningCode })[];
}

export interface RewriteNotice {
  readonly path: SettingPath;
  readonly message: string;
}

/** Compiles every expression that changes a path or a host, so that none is found broken by the first request. */
export function compileRewrites({ routes, inboundRules }: Pick<Settings, 'routes' | 'inboundRules'>): Rewrites {
  const problems: RewriteNotice[] = [];
  const paths = new Map<RouteSettings, PathRewrite>();
  const hosts = new Map<RouteSettings, HostOf>();
  const keep = <T>(into: Map<RouteSettings, T>, route: RouteSettings, compiled: Compiled<T>): void => {
    if (compiled.ok) into.set(route, compiled.value);
    else problems.push(compiled);
  };
  for (const route of routes) {
    const settings = pathSettingsOf(route);
    if (settings !== undefined) keep(paths, route, compilePathRewrite(settings, route.matcher, inboundRules));
    if (route.action.kind === 'forward') keep(hosts, route, compileHostHeader(route.action.hostHeader));
  }
  return {
    pathOf: (route) => paths.get(route),
    hostOf: (route) => hosts.get(route) ?? hostOfUpstream,
    problems,
    warnings: routes.flatMap((route) => [...emptyReferences(route), ...overruledHeaders(route)]),
  };
}

function pathSettingsOf({ action, path }: RouteSettings): Parameters<typeof compilePathRewrite>[0] | undefined {
  if (action.kind === 'forward') return action.rewrite;
  if (action.kind !== 'redirect' || action.path?.kind !== 'prefix') return undefined;
  return { kind: 'prefix', replacement: action.path.replacement, place: [...path, 'redirect', 'prefix_rewrite'] };
}

/** Pomerium sends nothing for them without a word, and whoever wrote a password with a dollar sign wonders. Values are secrets: none is quoted. */
function emptyReferences({ setRequestHeaders, path }: RouteSettings): Rewrites['warnings'] {
  return setRequestHeaders.flatMap(([name, value]) => {
    if (!parseHeaderTemplate(value).some(({ kind }) => kind === 'unknown')) return [];
    const place = [...path, 'set_request_headers', name];
    const message = `${writePath(place)} holds a reference that stands for nothing: write one like \${pomerium.jwt}, or $$ for a dollar sign`;
    return [{ code: 'unknown-token', path: place, message }];
  });
}

function overruledHeaders({ setRequestHeaders, path, action }: RouteSettings): Rewrites['warnings'] {
  if (action.kind !== 'forward' || action.kubernetesToken === undefined) return [];
  return setRequestHeaders.flatMap(([name]) => {
    if (!kubernetesNames.includes(normalisedName(name))) return [];
    const place = [...path, 'set_request_headers', name];
    return [
      {
        code: 'no-effect',
        path: place,
        message: `${writePath(place)} has no effect beside the token for Kubernetes, with which only Postern says who acts`,
      },
    ];
  });
}
