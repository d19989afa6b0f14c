import type { AccessSettings } from './settings.ts';

// Criteria that are about somebody: without a session they send the visitor to sign in.
const sessionCriteria = new Set(['authenticated_user', 'user', 'email', 'domain', 'groups', 'claim', 'device', 'record']);

/** Whether a decision about this access may send somebody to sign in. */
export function needsSignIn({ anyAuthenticatedUser, allowedUsers, allowedDomains, allowedClaims, policy }: AccessSettings): boolean {
  const isListed = allowedUsers.length > 0 || allowedDomains.length > 0 || allowedClaims.length > 0;
  return anyAuthenticatedUser || isListed || namesSession(policy, new Set());
}

/** Looks at every key, because a document of the wrong form is judged elsewhere; aliases may lead to one node many times. */
function namesSession(node: unknown, seen: Set<object>): boolean {
  if (typeof node !== 'object' || node === null || seen.has(node)) return false;
  seen.add(node);
  if (!Array.isArray(node) && Object.keys(node).some((key) => sessionCriteria.has(key.split('/', 1)[0] ?? ''))) return true;
  return Object.values(node).some((value) => namesSession(value, seen));
}
