import { isWildcard, matchesHostPattern } from '../http/host-table.ts';
import type { Authority } from '../http/hostname.ts';
import type { CanonicalPath } from '../http/path.ts';
import { matchesPath } from './path-matcher.ts';
import type { CompiledEntry, RouteTable } from './route-table.ts';

/**
 * What became of one route: it was `matched`, or it lost because its host or port or path is another, because a route names
 * this very host for this port (`hidden`: wildcards are not asked then), or because it stands `later` than the one that matched.
 */
export type RouteOutcome = 'matched' | 'host' | 'hidden' | 'port' | 'path' | 'later';

export interface RouteCandidate<T> {
  readonly value: T;
  readonly outcome: RouteOutcome;
}

/** Every route in reading order, with why it lost: a plain scan by the same rules as `matchRoute`, made for people and not for speed. */
export function explainRoutes<T>(table: RouteTable<T>, authority: Authority, path: CanonicalPath): readonly RouteCandidate<T>[] {
  const { hostname, port } = authority;
  const ofHost = table.entries.filter(({ host }) => matchesHostPattern(host, hostname));
  // A route that names the host with another port leaves this one to the wildcards.
  const hostIsNamed = ofHost.some((entry) => !isWildcard(entry.host) && (entry.port === undefined || entry.port === port));
  const isHidden = ({ host }: CompiledEntry<T>): boolean => hostIsNamed && isWildcard(host);
  const portIsNamed = port !== undefined && ofHost.some((entry) => entry.port === port && !isHidden(entry));
  const wantedPort = portIsNamed ? port : undefined;
  let isMatched = false;
  return table.entries.map((entry) => {
    const outcome = judge(entry);
    if (outcome === 'matched') isMatched = true;
    return { value: entry.value, outcome };
  });

  function judge(entry: CompiledEntry<T>): RouteOutcome {
    if (!matchesHostPattern(entry.host, hostname)) return 'host';
    if (isHidden(entry)) return 'hidden';
    if (entry.port !== wantedPort) return 'port';
    if (!matchesPath(entry.matcher, path)) return 'path';
    return isMatched ? 'later' : 'matched';
  }
}
