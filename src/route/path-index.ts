import type { CompiledMatcher } from './path-matcher.ts';
import { matchesPath } from './path-matcher.ts';
import { buildPrefixIndex } from './prefix-index.ts';

/** Something that matches paths and has a place in the reading order. */
export interface Ordered {
  readonly matcher: CompiledMatcher;
  readonly order: number;
}

/** Answers what a scan in reading order would, without the scan: a host may have thousands of routes. */
export interface PathIndex<E> {
  first(path: string): E | undefined;
}

/** `entries` are in reading order. Only regular expressions are tried one by one, and of them only those before the best found so far. */
export function buildPathIndex<E extends Ordered>(entries: readonly E[]): PathIndex<E> {
  const exact = new Map<string, E>();
  const prefixes: { prefix: string; entry: E }[] = [];
  const expressions: E[] = [];
  for (const entry of entries) {
    const { matcher } = entry;
    switch (matcher.kind) {
      case 'any':
        prefixes.push({ prefix: '', entry });
        break;
      case 'prefix':
        prefixes.push({ prefix: matcher.prefix, entry });
        break;
      case 'path':
        if (!exact.has(matcher.path)) exact.set(matcher.path, entry);
        break;
      case 'regex':
        expressions.push(entry);
        break;
    }
  }
  const prefixIndex = buildPrefixIndex(prefixes);
  return {
    first(path) {
      let best = earlier(exact.get(path), prefixIndex.first(path));
      for (const entry of expressions) {
        if (best !== undefined && best.order < entry.order) break;
        if (matchesPath(entry.matcher, path)) best = entry;
      }
      return best;
    },
  };
}

export function earlier<E extends { readonly order: number }>(one: E | undefined, other: E | undefined): E | undefined {
  if (one === undefined) return other;
  return other === undefined || one.order < other.order ? one : other;
}
