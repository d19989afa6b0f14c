import type { Hostname } from './hostname.ts';
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
   * What was registered for a host, in reading order. An exact name hides every wildcard, also when nothing of it fits the
   * path later on: wildcards are asked only about hosts that nobody named.
   */
  match(hostname: Hostname): readonly T[];
}

export function buildHostTable<T>(entries: readonly { readonly host: HostPattern; readonly value: T }[]): HostTable<T> {
  const exact = new Map<string, T[]>();
  const wildcards: { readonly pattern: HostPattern; readonly value: T }[] = [];
  for (const { host, value } of entries) {
    if (isWildcard(host)) wildcards.push({ pattern: host, value });
    else {
      const values = exact.get(host);
      if (values === undefined) exact.set(host, [value]);
      else values.push(value);
    }
  }
  return {
    match(hostname) {
      const named = exact.get(hostname);
      if (named !== undefined) return named;
      return wildcards.filter(({ pattern }) => matchesHostPattern(pattern, hostname)).map(({ value }) => value);
    },
  };
}
