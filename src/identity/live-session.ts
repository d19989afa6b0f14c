import { forgetTokens, tokensOf } from './build-session.ts';
import type { Person } from './person.ts';
import type { Session } from './session.ts';

/** What of a session is kept in memory, because requests ask for it. The rest is in its record. */
export interface LiveSession {
  readonly id: string;
  /** What the provider calls the person for good. */
  readonly userId: string;
  /** Milliseconds since 1970; nothing prolongs it. */
  readonly expiresAt: number;
  /** One object for as long as nothing changes and it is asked about often, so that others may remember things by it. */
  readonly person: Person;
  /** When the access token runs out that can be exchanged for another one, milliseconds since 1970; undefined where none can. */
  readonly refreshableUntil: number | undefined;
  /** Whether somebody signed in with a certificate: then the provider does not vouch for them. */
  readonly isByCertificate: boolean;
}

/** Where no upstream is given the tokens of the provider, none stays in memory: they are most of a session, and its most precious part. */
export function liveSession({ id, userId, expiresAt, grant, person }: Session, keepsTokens: boolean): LiveSession {
  if (!keepsTokens) forgetTokens(person);
  // Without a refresh token the session simply lives until it expires: many providers issue none.
  const refreshableUntil = grant.refreshToken === undefined ? undefined : grant.accessExpiresAt;
  return { id, userId, expiresAt, person, refreshableUntil, isByCertificate: grant.certificate !== undefined };
}

/** Whether two of them say the same. */
export function isSameSession(one: LiveSession, other: LiveSession): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ person, ...session }: LiveSession): string {
  return JSON.stringify([session, { ...person, claims: [...person.claims] }, tokensOf(person)]);
}
