import type { PathMatcherSettings, RouteSettings } from '../config/settings.ts';
import type { HostPattern } from '../http/host-table.ts';
import { isWildcard, matchesHostPattern } from '../http/host-table.ts';
import type { Hostname } from '../http/hostname.ts';

// Stands for the `*` of another pattern: no host name holds it, so that only a `*` can match it.
const anything = '\u0001';

/** Whether every host of `inner` is one of `outer`, and served by it: an exact name is never served by a wildcard that stands beside it. */
export function coversHost(outer: HostPattern, inner: HostPattern): boolean {
  if (outer === inner) return true;
  if (!isWildcard(outer) || !isWildcard(inner)) return false;
  return matchesHostPattern(outer, inner.replaceAll('*', anything) as Hostname);
}

/** Whether every path that `inner` matches is matched by `outer`. Of expressions only what is plain to see is said; in doubt false. */
export function coversPath(outer: PathMatcherSettings, inner: PathMatcherSettings): boolean {
  switch (outer.kind) {
    case 'any':
      return true;
    case 'prefix':
      return outer.prefix === '/' || textOf(inner)?.startsWith(outer.prefix) === true;
    case 'path':
      return inner.kind === 'path' && inner.path === outer.path;
    case 'regex':
      return everything.test(outer.regex) || (inner.kind === 'regex' && inner.regex === outer.regex);
  }
}

const everything = /^\^?\/?\.\*\$?$/;

/** What every matched path begins with; undefined for an expression, whose paths may begin with anything. */
function textOf(matcher: PathMatcherSettings): string | undefined {
  switch (matcher.kind) {
    case 'any':
      return '/';
    case 'prefix':
      return matcher.prefix;
    case 'path':
      return matcher.path;
    case 'regex':
      return undefined;
  }
}

/** Whether an earlier route takes every request that would be for a later one. */
export function coversRoute(earlier: RouteSettings, later: RouteSettings): boolean {
  return earlier.port === later.port && coversHost(earlier.host, later.host) && coversPath(earlier.matcher, later.matcher);
}
