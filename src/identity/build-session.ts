import { flattenClaims } from './flatten-claims.ts';
import type { Person } from './person.ts';
import type { Grant, Session } from './session.ts';

// They speak of one token, not of the person.
const tokenClaims: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'jti', 'nonce', 'at_hash', 'c_hash', 's_hash']);
// They say who vouches for whom, and only the ID token is checked for that.
const idTokenOnly: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'azp', 'amr', 'acr', 'auth_time', 'sid']);
const emailAddress = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u;

const byCertificate: readonly string[] = Object.freeze(['mtls']);

export interface SessionParts {
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: number;
  readonly grant: Grant;
}

/** A session with the person its grant speaks of. Claims of the user-info endpoint win over those of the ID token: they are newer. */
export function buildSession(parts: SessionParts): Session {
  const person = buildPerson(parts);
  rememberTokens(person, { accessToken: parts.grant.accessToken ?? '', idToken: parts.grant.idToken ?? '' });
  return { ...parts, person };
}

/** The provider's tokens for somebody, empty where there are none. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly idToken: string;
}

// Beside the person and not in it: a person is printed, logged and explained, and nobody may meet a token there.
const tokens = new WeakMap<Person, ProviderTokens>();
const noTokens: ProviderTokens = Object.freeze({ accessToken: '', idToken: '' });

/** Both are empty for a person that no session is behind. */
export function tokensOf(person: Person): ProviderTokens {
  return tokens.get(person) ?? noTokens;
}

/** From now on the person shows these. */
export function rememberTokens(person: Person, provided: ProviderTokens): void {
  tokens.set(person, provided);
}

/** From now on the person shows none. */
export function forgetTokens(person: Person): void {
  tokens.delete(person);
}

/** Lets `other` show what `person` may show elsewhere: it is the same somebody, with more said about them. */
export function shareTokens(person: Person, other: Person): void {
  tokens.set(other, tokensOf(person));
}

/** True when the provider says that it did not check the address: some let people type any. Both spellings are in use. */
export function isEmailUnverified(grant: Grant): boolean {
  const { email_verified: verified } = mergeClaims(grant);
  return verified === false || verified === 'false';
}

function buildPerson({ id, userId, expiresAt, grant }: SessionParts): Person {
  const claims = mergeClaims(grant);
  // In the claims too, or `claim/email` and a claim header would use the address that the person has not.
  if (isEmailUnverified(grant)) {
    delete claims['email'];
    delete claims['mail'];
  }
  return {
    id: userId,
    email: readEmail(claims['email']) ?? readEmail(claims['mail']),
    name: typeof claims['name'] === 'string' && claims['name'] !== '' ? claims['name'] : undefined,
    claims: flattenClaims(claims),
    sessionId: id,
    expiresAt,
    ...(grant.certificate === undefined ? {} : { amr: byCertificate }),
  };
}

function mergeClaims({ idTokenClaims, userInfo }: Grant): Record<string, unknown> {
  const fromToken = Object.entries(idTokenClaims).filter(([name]) => !tokenClaims.has(name));
  const fromUserInfo = Object.entries(userInfo).filter(([name]) => !tokenClaims.has(name) && !idTokenOnly.has(name));
  return Object.fromEntries([...fromToken, ...fromUserInfo]);
}

/** Exactly one `@`, no spaces and no control characters: `a@evil@corp.example` must not end up as somebody of corp.example. */
function readEmail(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim.length <= 320 && emailAddress.test(claim) ? claim : undefined;
}
