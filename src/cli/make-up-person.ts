import type { Person } from '../identity/person.ts';

export interface Described {
  /** Without it the e-mail is the id. */
  readonly user: string | undefined;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly claims: Person['claims'];
}

/** Somebody made up, with the claims that the provider would send beside; undefined where nothing says who it is. */
export function makeUpPerson({ user, email, name, claims }: Described): Person | undefined {
  const id = user ?? email;
  if (id === undefined) return undefined;
  const all = new Map(claims);
  for (const [claim, value] of Object.entries({ sub: id, email, name })) {
    if (value !== undefined) all.set(claim, [value, ...(all.get(claim) ?? [])]);
  }
  return { id, email, name, claims: all, sessionId: undefined, expiresAt: Infinity };
}
