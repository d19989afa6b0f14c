import type { AccessSettings } from '../config/settings.ts';
import type { SettingPath } from '../config/problem.ts';
import { buildCombination } from './build-combination.ts';
import type { NamedAuthorities } from './criteria/criterion-kind.ts';
import { invalidClientCertificateCriterion, presentedInvalidCertificateCriterion } from './criteria/invalid-client-certificate.ts';
import { compileCriterion, compileUnwritten } from './parse-criterion.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, mapParsed, parsed } from './parsed.ts';
import type { PolicyTree } from './policy-tree.ts';

interface UnwrittenCriterion {
  readonly name: string;
  readonly data: unknown;
  /** The shorthand key or the entry of it, from the route down. */
  readonly key: SettingPath;
}

/**
 * The shorthand keys of a route as one `allow.or`; an entry of `allowed_users` is a user id or an e-mail, whichever fits. The
 * claims are sorted by name, as Pomerium sorts them, so that reasons and `explain` keep one order.
 */
export function parseShorthand(access: AccessSettings): Parsed<PolicyTree> {
  // The shorthand keys stand beside the policy.
  const route = access.policyPath.slice(0, -1);
  const nodes = [
    ...(access.publicAccess ? [criterion('accept', true, ['allow_public_unauthenticated_access'])] : []),
    ...(access.corsPreflight ? [criterion('cors_preflight', true, ['cors_allow_preflight'])] : []),
    ...(access.anyAuthenticatedUser ? [criterion('authenticated_user', true, ['allow_any_authenticated_user'])] : []),
    ...access.allowedDomains.map((domain, index) => criterion('domain', { is: domain }, ['allowed_domains', index])),
    ...claimCriteria(access),
    ...access.allowedUsers.flatMap((user, index) =>
      ['user', 'email'].map((name) => criterion(name, { is: user }, ['allowed_users', index])),
    ),
  ].map(({ name, data, key }) => compileCriterion(name, data, [...route, ...key], noAuthorities));
  return mapParsed(collectParsed(nodes), (criteria) =>
    criteria.length === 0 ? [] : [buildCombination({ action: 'allow', operator: 'or', path: route, criteria })],
  );
}

/** No way in without a valid certificate; no way in with an invalid one, and none is fine; none of both. */
export type DefaultDeny = 'required' | 'optional' | false;

/** What `downstream_mtls.enforcement` adds to every route where CAs are configured. */
export function parseDefaultDeny(defaultDeny: DefaultDeny): Parsed<PolicyTree> {
  if (defaultDeny === false) return parsed([]);
  const kind = defaultDeny === 'required' ? invalidClientCertificateCriterion : presentedInvalidCertificateCriterion;
  return mapParsed(compileUnwritten(kind, true), (only) => [
    buildCombination({ action: 'deny', operator: 'or', path: undefined, criteria: [only] }),
  ]);
}

// None of the shorthand keys names one.
const noAuthorities: NamedAuthorities = new Map();

function claimCriteria({ allowedClaims }: AccessSettings): readonly UnwrittenCriterion[] {
  return allowedClaims
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([claim, values]) => values.map((value, index) => criterion(`claim/${claim}`, value, ['allowed_idp_claims', claim, index])));
}

function criterion(name: string, data: unknown, key: SettingPath): UnwrittenCriterion {
  return { name, data, key };
}
