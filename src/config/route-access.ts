import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { AccessSettings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';

/** Who may pass. Keys that let in everybody do not go with keys that let in some; a `policy` goes with all of them. */
export function readAccess(reading: Reading, route: RawRoute, path: SettingPath): AccessSettings {
  const { allow_public_unauthenticated_access: publicAccess, allow_any_authenticated_user: anyAuthenticatedUser } = route;
  if (publicAccess || anyAuthenticatedUser) tellNarrower(reading, route, path);
  if (publicAccess && route.cors_allow_preflight)
    tellNoEffect(reading, [...path, 'cors_allow_preflight'], 'beside allow_public_unauthenticated_access');
  return {
    publicAccess,
    anyAuthenticatedUser,
    allowedUsers: route.allowed_users ?? [],
    allowedDomains: route.allowed_domains ?? [],
    allowedClaims: readClaims(route),
    corsPreflight: route.cors_allow_preflight,
    policy: route.policy,
    policyPath: [...path, 'policy'],
  };
}

function tellNarrower(reading: Reading, route: RawRoute, path: SettingPath): void {
  const { allow_public_unauthenticated_access: publicAccess, allow_any_authenticated_user: anyAuthenticatedUser } = route;
  const lists = (['allowed_users', 'allowed_domains', 'allowed_idp_claims'] as const).filter((key) => route[key] !== undefined);
  const wider = publicAccess ? 'allow_public_unauthenticated_access' : 'allow_any_authenticated_user';
  for (const key of [...(publicAccess && anyAuthenticatedUser ? ['allow_any_authenticated_user'] : []), ...lists]) {
    const place = [...path, key];
    reading.error(place, `${writePath(place)} means nothing beside ${wider}: keep one of them`, { code: 'conflicting-keys' });
  }
}

/** By name, as Pomerium does it: then the reasons come in one order, however the map was written. */
function readClaims({ allowed_idp_claims: claims }: RawRoute): AccessSettings['allowedClaims'] {
  if (claims === undefined) return [];
  return Object.entries(claims).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
