import type { ProviderKind } from '../config/settings.ts';
import type { Session } from './session.ts';

/**
 * What a person is called for good, from the checked claims of an ID token; undefined where that is missing or not a provider's to give. At Azure the `sub`
 * differs from application to application and only the `oid` stays (Pomerium uses it as well).
 */
export function userIdOf(kind: ProviderKind, claims: Readonly<Record<string, unknown>>): string | undefined {
  const id = kind === 'azure' ? (claims['oid'] ?? claims['sub']) : claims['sub'];
  return typeof id === 'string' && id !== '' && !id.startsWith(certificatePrefix) ? id : undefined;
}

// User ids that begin so belong to people who are known by a certificate: a provider that gave one out would make somebody of them.
const certificatePrefix = 'certificate/';

/** The subject as the provider itself names it, which is not always the user id. */
export function subjectOf({ grant, userId }: Session): string {
  const subject = grant.idTokenClaims['sub'];
  return typeof subject === 'string' ? subject : userId;
}
