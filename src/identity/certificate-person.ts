import type { MappedIdentity } from '../certificate/certificate-mapping.ts';
import type { ValidCertificate } from '../certificate/verdict.ts';
import type { FixedIdentitySettings } from '../config/certificate-identity-settings.ts';
import { shareTokens } from './build-session.ts';
import type { ClaimValue, Person } from './person.ts';

const byCertificate: readonly string[] = Object.freeze(['mtls']);

/** The holder of a certificate, signed in by it alone. One object for one identity and certificate: assertions are remembered by it. */
export function personOfCertificate(identity: MappedIdentity, certificate: ValidCertificate): Person {
  return mapped.of(identity, certificate, () => {
    const { user, email, name, groups } = identity;
    const claims = claimsOf({ user, email, name, groups });
    return withProof(
      { id: user, email, name, claims, sessionId: undefined, expiresAt: certificate.validUntil },
      certificate,
      byCertificate,
    );
  });
}

/** Somebody whom an operator wrote down: `anonymous_identity`, `default_identity`. */
export function fixedPerson({ user, email, name, groups }: FixedIdentitySettings): Person {
  return { id: user, email, name, claims: claimsOf({ user, email, name, groups }), sessionId: undefined, expiresAt: Infinity };
}

/** A person who is known by other means, when the certificate has no other part in it than to be held. */
export function holderOf(person: Person, certificate: ValidCertificate): Person {
  return holders.of(person, certificate, () => bind(person, certificate, person.amr));
}

/** A person who is known by other means as well as by the certificate. */
export function provenTwice(person: Person, certificate: ValidCertificate): Person {
  return twice.of(person, certificate, () => {
    const told = (person.claims.get('amr') ?? []).filter((method) => typeof method === 'string');
    return bind(person, certificate, [...new Set([...told, ...byCertificate])]);
  });
}

/** Whom an operator wrote down for holders of certificates that no rule maps. */
export function defaultHolder(person: Person, certificate: ValidCertificate): Person {
  return defaults.of(person, certificate, () => bind(person, certificate, byCertificate));
}

function bind(person: Person, certificate: ValidCertificate, amr: readonly string[] | undefined): Person {
  const bound = withProof(person, certificate, amr);
  shareTokens(person, bound);
  return bound;
}

function withProof(person: Person, { leaf }: ValidCertificate, amr: readonly string[] | undefined): Person {
  const certificateThumbprint = Buffer.from(leaf.fingerprint, 'hex').toString('base64url');
  return { ...person, certificateThumbprint, ...(amr === undefined ? {} : { amr }) };
}

function claimsOf({ user, email, name, groups }: Pick<MappedIdentity, 'user' | 'email' | 'name' | 'groups'>): Person['claims'] {
  const claims = new Map<string, readonly ClaimValue[]>([['sub', [user]]]);
  if (email !== undefined) claims.set('email', [email]);
  if (name !== undefined) claims.set('name', [name]);
  if (groups.length > 0) claims.set('groups', groups);
  return claims;
}

// Whatever is signed for somebody is remembered by the person object: one identity and one certificate make one person, in each of the ways.
const [mapped, holders, twice, defaults] = [createMemory(), createMemory(), createMemory(), createMemory()];

function createMemory() {
  const made = new WeakMap<ValidCertificate, WeakMap<object, Person>>();
  return {
    of(whose: object, certificate: ValidCertificate, make: () => Person): Person {
      const people = made.get(certificate) ?? new WeakMap<object, Person>();
      made.set(certificate, people);
      const known = people.get(whose);
      if (known !== undefined) return known;
      const person = make();
      people.set(whose, person);
      return person;
    },
  };
}
