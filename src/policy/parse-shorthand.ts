import type { AccessSettings } from '../config/settings.ts';
import { compileCriterion } from './parse-criterion.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, mapParsed } from './parsed.ts';
import type { Action, PolicyTree } from './policy-tree.ts';

/** The shorthand keys of a route as one `allow.or`; an entry of `allowed_users` is a user id or an e-mail, whichever fits. */
export function parseShorthand(access: AccessSettings): Parsed<PolicyTree> {
  return unwrittenRule('allow', [
    ...(access.publicAccess ? [['accept', true] as const] : []),
    ...(access.anyAuthenticatedUser ? [['authenticated_user', true] as const] : []),
    ...access.allowedDomains.map((domain) => ['domain', { is: domain }] as const),
    ...access.allowedUsers.flatMap((user) => [['user', { is: user }] as const, ['email', { is: user }] as const]),
  ]);
}

/** What `downstream_mtls.enforcement` adds to every route: no way in without a valid certificate where CAs are configured. */
export function parseDefaultDeny(defaultDeny: boolean): Parsed<PolicyTree> {
  return unwrittenRule('deny', defaultDeny ? [['invalid_client_certificate', true]] : []);
}

function unwrittenRule(action: Action, criteria: readonly (readonly [name: string, data: unknown])[]): Parsed<PolicyTree> {
  const nodes = collectParsed(criteria.map(([name, data]) => compileCriterion(name, data, undefined)));
  return mapParsed(nodes, (all) => (all.length === 0 ? [] : [Object.freeze({ action, operator: 'or', criteria: Object.freeze(all) })]));
}
