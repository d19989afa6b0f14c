import { writePath } from '../config/problem.ts';
import type { RouteSettings } from '../config/settings.ts';
import { normalisedName } from '../http/header-list.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Settings that speak of one request header. */
export function checkHeaders({ settings }: LintSubject): readonly Finding[] {
  const claims = new Set(settings.jwtClaimsHeaders.map(({ header }) => normalisedName(header)));
  return settings.routes.flatMap((route) => tellClaims(route, claims));
}

function tellClaims({ path, setRequestHeaders }: RouteSettings, claims: ReadonlySet<string>): readonly Finding[] {
  return setRequestHeaders
    .filter(([name]) => claims.has(normalisedName(name)))
    .map(([name]) => collision([...path, 'set_request_headers', name], 'jwt_claims_headers sets it from a claim, and the claim counts'));
}

function collision(path: Finding['path'], why: string): Finding {
  return { code: 'colliding-headers', path, part: 'key', message: `${writePath(path)} collides: ${why}` };
}
