import { writePath } from '../config/problem.ts';
import type { RouteSettings } from '../config/settings.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Upstreams that are believed without proof. */
export function checkUpstreams({ settings: { routes } }: LintSubject): readonly Finding[] {
  return routes.flatMap((route) => tellUnverified(route));
}

function tellUnverified({ action, path }: RouteSettings): readonly Finding[] {
  if (action.kind !== 'forward' || !action.tls.skipVerify) return [];
  const at = [...path, 'tls_skip_verify'];
  return [
    {
      code: 'unverified-upstream',
      path: at,
      part: 'key',
      message: `${writePath(at)} trusts whoever answers as ${action.to.map(({ url }) => url.host).join(', ')}`,
    },
  ];
}
