import { writePath } from '../config/problem.ts';
import type { RouteSettings } from '../config/settings.ts';
import { isReserved } from '../endpoints/find-endpoint.ts';
import { coversHost, coversRoute } from './cover-routes.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Routes that no request reaches, and public routes that take what looks guarded. */
export function checkReach({ settings: { routes } }: LintSubject): readonly Finding[] {
  return routes.flatMap((route, index) => {
    const before = routes.slice(0, index).find((earlier) => coversRoute(earlier, route));
    const behind = before === undefined ? [] : [tellCovered(route, before)];
    return [...behind, ...tellReserved(route), ...tellOpenBelow(route, routes.slice(index + 1))];
  });
}

function tellCovered(route: RouteSettings, before: RouteSettings): Finding {
  const other = nameOf(before);
  if (before.access.publicAccess && !route.access.publicAccess) {
    return {
      code: 'public-over-private',
      path: [...before.path, 'allow_public_unauthenticated_access'],
      part: 'key',
      message: `${other} is public and takes every request of ${nameOf(route)}, which is not: put ${nameOf(route)} before it`,
    };
  }
  return {
    code: 'unreachable-route',
    path: route.path,
    message: `No request reaches ${nameOf(route)}: ${other} stands before it and takes them all`,
  };
}

/** Own endpoints come before every route, on every host. */
function tellReserved(route: RouteSettings): readonly Finding[] {
  const { matcher } = route;
  const text = matcher.kind === 'path' ? matcher.path : matcher.kind === 'prefix' ? matcher.prefix : undefined;
  if (text === undefined || !isReserved(text)) return [];
  return [
    {
      code: 'unreachable-route',
      path: [...route.path, matcher.kind],
      message: `No request reaches ${nameOf(route)}: Postern answers ${JSON.stringify(text)} itself on every host`,
    },
  ];
}

/** `path: /admin` guards one path; what is below it belongs to the next route that fits, here a public one. */
function tellOpenBelow(route: RouteSettings, later: readonly RouteSettings[]): readonly Finding[] {
  const { matcher, access, port, host } = route;
  if (matcher.kind !== 'path' || access.publicAccess || matcher.path.endsWith('/')) return [];
  const below = `${matcher.path}/`;
  const next = later.find(
    (other) =>
      other.port === port &&
      coversHost(other.host, host) &&
      (other.matcher.kind === 'any' || (other.matcher.kind === 'prefix' && below.startsWith(other.matcher.prefix))),
  );
  if (next === undefined || !next.access.publicAccess) return [];
  return [
    {
      code: 'public-over-private',
      path: [...route.path, 'path'],
      message: `${nameOf(route)} guards ${JSON.stringify(matcher.path)} alone: ${JSON.stringify(below)} and everything below is served by ${nameOf(next)}, which is public`,
    },
  ];
}

function nameOf({ name, path }: RouteSettings): string {
  return name === undefined ? writePath(path) : `${writePath(path)} (${name})`;
}
