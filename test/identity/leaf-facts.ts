import type { MappedIdentity } from '../../src/certificate/certificate-mapping.ts';
import type { LeafFacts } from '../../src/certificate/verdict.ts';
import type { Person } from '../../src/identity/person.ts';
import { exampleLeaf } from '../policy/example-facts.ts';

/** A certificate as the judge tells of it; the fingerprint is the letter 64 times. */
export function leafOf(letter: string, notAfter: number): LeafFacts {
  const fingerprint = letter.repeat(64);
  return { ...exampleLeaf, fingerprint, subject: `CN=${letter},O=Example`, issuer: 'CN=Example CA', notAfter, commonNames: [letter] };
}
export function personNamed(id: string): Person {
  return {
    id,
    email: `${id}@example.com`,
    name: id,
    claims: new Map([['sub', [id]]]),
    sessionId: `session of ${id}`,
    expiresAt: 9_000_000_000_000,
  };
}

export function mappedTo(user: string): MappedIdentity {
  return { rule: 'staff', user, email: `${user}@example.com`, name: undefined, groups: ['staff'], sameBy: 'email' };
}
