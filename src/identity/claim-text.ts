import type { Person } from './person.ts';

/** One claim as a header or the assertion carries it: several values joined with commas, and empty when the person has none. */
export function claimText(person: Person, claim: string): string {
  switch (claim) {
    case 'sub':
    case 'user':
      return person.id;
    // From the person, not from the claims: an address that was not verified is in neither.
    case 'email':
      return person.email ?? '';
    case 'name':
      return person.name ?? '';
    default:
      return (person.claims.get(claim) ?? []).map((value) => (value === null ? '' : String(value))).join(',');
  }
}
