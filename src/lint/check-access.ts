import type { RouteSettings } from '../config/settings.ts';
import { writePath } from '../config/problem.ts';
import { policyReach } from '../policy/policy-reach.ts';
import type { Finding, LintSubject, LintedRoute } from './finding.ts';
import { findPadded } from './find-padded.ts';

/** Who gets in: rules that everybody or nobody fulfils, that add up unexpectedly, or that never match what they name. */
export function checkAccess({ routes }: LintSubject): readonly Finding[] {
  return routes.flatMap((route) => [...tellUnion(route.settings), ...tellReach(route), ...tellPadded(route.settings)]);
}

const shorthandKeys = [
  'allow_public_unauthenticated_access',
  'allow_any_authenticated_user',
  'allowed_users',
  'allowed_domains',
  'allowed_idp_claims',
] as const;

function tellUnion({ access, path }: RouteSettings): readonly Finding[] {
  const { policy, publicAccess, anyAuthenticatedUser, allowedUsers, allowedDomains, allowedClaims } = access;
  if (policy === undefined) return [];
  const isWritten = [publicAccess, anyAuthenticatedUser, allowedUsers.length > 0, allowedDomains.length > 0, allowedClaims.length > 0];
  return shorthandKeys
    .filter((_, index) => isWritten[index])
    .map((key) => ({
      code: 'shorthand-beside-policy' as const,
      path: [...path, key],
      part: 'key' as const,
      message: `${writePath([...path, key])} lets people in beside the policy: either of them is enough`,
    }));
}

function tellReach({ settings, policy }: LintedRoute): readonly Finding[] {
  const { access, path } = settings;
  const { allow } = policyReach(policy);
  const at = access.policy === undefined ? path : access.policyPath;
  if (allow === 'nobody') {
    const isEmpty = policy.allow === undefined || !policy.tree.some(({ action }) => action === 'allow');
    const why = isEmpty ? 'no rule lets anybody in' : 'no request can fulfil its rules';
    return [{ code: 'policy-nobody', path: at, part: 'key', message: `${writePath(path)} refuses everybody: ${why}` }];
  }
  if (allow !== 'everybody' || access.publicAccess) return [];
  return [
    { code: 'policy-everybody', path: at, part: 'key', message: `${writePath(path)} lets everybody in, also people who are not signed in` },
  ];
}

function tellPadded({ access, path }: RouteSettings): readonly Finding[] {
  const padded = [
    ...findPadded(access.allowedUsers, [...path, 'allowed_users']),
    ...findPadded(access.allowedDomains, [...path, 'allowed_domains']),
    ...findPadded(access.policy, access.policyPath),
  ];
  return padded.map(({ at, text }) => ({
    code: 'padded-value' as const,
    path: at,
    message: `${writePath(at)} ${JSON.stringify(text)} has white space around it, which is compared too`,
  }));
}
