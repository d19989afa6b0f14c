import type { PathMatcherSettings } from '../config/settings.ts';
import type { HostPattern, HostTable } from '../http/host-table.ts';
import { buildHostTable } from '../http/host-table.ts';
import type { Authority } from '../http/hostname.ts';
import type { CanonicalPath } from '../http/path.ts';
import type { CompiledMatcher } from './path-matcher.ts';
import { compilePathMatcher } from './path-matcher.ts';
import type { PathIndex } from './path-index.ts';
import { buildPathIndex, earlier } from './path-index.ts';

export interface RouteEntry<T> {
  readonly host: HostPattern;
  /** Undefined or 443: whatever port the request names. */
  readonly port: number | undefined;
  readonly matcher: PathMatcherSettings;
  readonly value: T;
}

/** An entry whose expression is compiled; `order` is its place in the configuration. */
export interface CompiledEntry<T> {
  readonly host: HostPattern;
  readonly port: number | undefined;
  readonly matcher: CompiledMatcher;
  readonly order: number;
  readonly value: T;
}

/** Made by `buildRouteTable`, asked by `matchRoute` and `explainRoutes`. */
export interface RouteTable<T> {
  readonly entries: readonly CompiledEntry<T>[];
  /** One index for each `from`. */
  readonly hosts: HostTable<PathIndex<CompiledEntry<T>>>;
}

export interface RouteProblem {
  /** Into the entries handed in. */
  readonly index: number;
  readonly message: string;
}

export type RouteTableBuild<T> =
  | { readonly ok: true; readonly table: RouteTable<T> }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Compiles the routes in their configuration order; expressions that RE2 can't read are told all at once. */
export function buildRouteTable<T>(entries: readonly RouteEntry<T>[]): RouteTableBuild<T> {
  const compiled: CompiledEntry<T>[] = [];
  const problems: RouteProblem[] = [];
  for (const [order, { host, port, matcher: settings, value }] of entries.entries()) {
    const matcher = compilePathMatcher(settings);
    if (matcher.ok) compiled.push({ host, port: port === 443 ? undefined : port, matcher: matcher.matcher, order, value });
    else problems.push({ index: order, message: matcher.message });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, table: { entries: compiled, hosts: indexByFrom(compiled) } };
}

/**
 * The first route, in configuration order, that fits host, port and path. A host that some route names exactly belongs to
 * those routes alone, and a port likewise: when none of them fits the path, no wildcard and no other port is tried.
 */
export function matchRoute<T>(table: RouteTable<T>, authority: Authority, path: CanonicalPath): T | undefined {
  let first: CompiledEntry<T> | undefined;
  for (const index of table.hosts.matchAuthority(authority)) first = earlier(first, index.first(path));
  return first?.value;
}

function indexByFrom<T>(entries: readonly CompiledEntry<T>[]): HostTable<PathIndex<CompiledEntry<T>>> {
  const ofHosts = [...Map.groupBy(entries, ({ host }) => host)];
  return buildHostTable(
    ofHosts.flatMap(([host, ofHost]) =>
      [...Map.groupBy(ofHost, (entry) => entry.port)].map(([port, routes]) => ({ host, port, value: buildPathIndex(routes) })),
    ),
  );
}
