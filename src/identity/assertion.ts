import { randomUUID, sign } from 'node:crypto';
import type { ClaimHeader } from '../config/settings.ts';
import type { Hostname } from '../http/hostname.ts';
import { claimText } from './claim-text.ts';
import type { Person } from './person.ts';
import type { SigningKey } from './signing-keys.ts';

export interface AssertionContext {
  readonly signer: SigningKey;
  readonly issuer: string;
  /** The host of the route. */
  readonly audience: Hostname;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly claimHeaders: readonly ClaimHeader[];
}

const lifetimeSeconds = 300;

/** The signed assertion (JWS compact serialisation) by which an upstream can prove who is asking, with Pomerium's claims. */
export function writeAssertion(person: Person, { signer, issuer, audience, at, claimHeaders }: AssertionContext): string {
  const header = { alg: signer.algorithm, kid: signer.kid, typ: 'JWT' };
  const input = `${encode(header)}.${encode(assertionClaims(person, { issuer, audience, at, claimHeaders }))}`;
  // JWS wants the two numbers of an ECDSA signature side by side, not in DER (RFC 7518 section 3.4).
  const signature = sign('sha256', Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function assertionClaims(
  person: Person,
  { issuer, audience, at, claimHeaders }: Omit<AssertionContext, 'signer'>,
): Readonly<Record<string, unknown>> {
  const issued = Math.floor(at / 1000);
  return {
    ...Object.fromEntries(claimHeaders.map(({ claim }) => [claim, claimText(person, claim)])),
    iss: issuer,
    aud: audience,
    jti: randomUUID(),
    iat: issued,
    exp: issued + lifetimeSeconds,
    sub: person.id,
    user: person.id,
    // Left out when unknown, as OpenID Connect Core 5.3.2 asks: an empty string could be taken for an address.
    email: person.email,
    name: person.name,
    sid: person.sessionId,
    groups: (person.claims.get('groups') ?? []).map(String),
    amr: person.amr,
    cnf: person.certificateThumbprint === undefined ? undefined : { 'x5t#S256': person.certificateThumbprint },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
