import type { Authority, Hostname } from './hostname.ts';
import { parseHostname } from './hostname.ts';

declare const patternBrand: unique symbol;

/** A host name of the configuration, `*` allowed anywhere: it stands for any characters, dots included, and may stand for none. */
export type HostPattern = string & { readonly [patternBrand]: true };

/** The canonical form of a host pattern, or undefined when it is malformed. Without `*` it is a plain host name. */
export function parseHostPattern(text: string): HostPattern | undefined {
  if (!text.includes('*')) return parseHostname(text) as HostPattern | undefined;
  // An address literal is compared in its compressed form, where a wildcard would stand for other groups than the ones written.
  if (text.startsWith('[')) return undefined;
  // A wildcard stands for characters a name may hold, so the rest must make a name once it is filled in.
  const filled = parseHostname(text.replaceAll('*', 'a'));
  if (filled === undefined) return undefined;
  const lower = text.toLowerCase();
  return (lower.endsWith('.') ? lower.slice(0, -1) : lower) as HostPattern;
}

export function isWildcard(pattern: HostPattern): boolean {
  return pattern.includes('*');
}

/** At most the product of both lengths, whatever the pattern: the classic two-pointer match, with no expression to explode. */
export function matchesHostPattern(pattern: HostPattern, hostname: Hostname): boolean {
  let p = 0;
  let h = 0;
  let star = -1;
  let resumeAt = 0;
  while (h < hostname.length) {
    if (pattern[p] === '*') {
      star = p;
      p += 1;
      resumeAt = h;
    } else if (pattern[p] === hostname[h]) {
      p += 1;
      h += 1;
    } else if (star !== -1) {
      p = star + 1;
      resumeAt += 1;
      h = resumeAt;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** One matcher for the route table and the TLS groups: two that disagree are how certificates get bypassed. */
export interface HostTable<T> {
  /**
   * What was registered for the host and port of a request, in reading order. An exact name that is registered for this port
   * hides every wildcard, also when nothing of it fits the path later on; among names, and among wildcards, this very port
   * hides those that are for any.
   */
  matchAuthority(authority: Authority): readonly T[];
  /**
   * What `matchAuthority` may give for a host on one port or another: a handshake knows the name and not the port, and must
   * not forget anything that a request after it could reach.
   */
  match(hostname: Hostname): readonly T[];
}

export interface HostEntry<T> {
  readonly host: HostPattern;
  /** Undefined: any. */
  readonly port: number | undefined;
  readonly value: T;
}

export function buildHostTable<T>(entries: readonly HostEntry<T>[]): HostTable<T> {
  const wildcards = entries.filter(({ host }) => isWildcard(host));
  const names = Map.groupBy(
    entries.filter(({ host }) => !isWildcard(host)),
    ({ host }): string => host,
  );
  const exact = new Map([...names].map(([host, ofHost]) => [host, groupByPort(ofHost)] as const));
  const matching = (hostname: Hostname) => wildcards.filter(({ host }) => matchesHostPattern(host, hostname));
  return {
    matchAuthority({ hostname, port }) {
      const named = exact.get(hostname);
      // A name with another port is another name: what is asked here belongs to the wildcards, as if nobody had named it.
      const values = named === undefined ? [] : valuesAt(named, port);
      return values.length > 0 ? values : valuesAt(groupByPort(matching(hostname)), port);
    },
    match(hostname) {
      const named = exact.get(hostname);
      if (named === undefined) return matching(hostname).map(({ value }) => value);
      if (named.anyPort.length > 0) return named.all;
      const leftToWildcards = matching(hostname).filter(({ port }) => port === undefined || !named.byPort.has(port));
      return [...named.all, ...leftToWildcards.map(({ value }) => value)];
    },
  };
}

interface ValuesByPort<T> {
  readonly all: readonly T[];
  readonly anyPort: readonly T[];
  readonly byPort: ReadonlyMap<number | undefined, readonly T[]>;
}

function groupByPort<T>(entries: readonly HostEntry<T>[]): ValuesByPort<T> {
  const valuesOf = (some: readonly HostEntry<T>[]): readonly T[] => some.map(({ value }) => value);
  const byPort = new Map([...Map.groupBy(entries, ({ port }) => port)].map(([port, ofPort]) => [port, valuesOf(ofPort)] as const));
  return { all: valuesOf(entries), anyPort: byPort.get(undefined) ?? [], byPort };
}

function valuesAt<T>({ anyPort, byPort }: ValuesByPort<T>, port: number | undefined): readonly T[] {
  return byPort.get(port) ?? anyPort;
}
