import { writePath } from '../config/problem.ts';
import type { RouteSettings } from '../config/settings.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Prefixes that end with a slash and are replaced by what does not: the next segment is glued to it, as it is in Pomerium. */
export function checkRewrites({ settings: { routes } }: LintSubject): readonly Finding[] {
  return routes.flatMap((route) => tellGlued(route));
}

function tellGlued({ action, matcher }: RouteSettings): readonly Finding[] {
  if (action.kind !== 'forward' || action.rewrite?.kind !== 'prefix') return [];
  const { replacement, place } = action.rewrite;
  const prefix = matcher.kind === 'any' ? '/' : matcher.kind === 'prefix' ? matcher.prefix : undefined;
  if (prefix === undefined || !prefix.endsWith('/') || replacement.endsWith('/')) return [];
  const example = JSON.stringify(`${prefix}x`);
  return [
    {
      code: 'glued-path',
      path: place,
      message: `${writePath(place)} makes ${JSON.stringify(`${replacement}x`)} of ${example}: end it with a slash, as the prefix ends`,
    },
  ];
}
