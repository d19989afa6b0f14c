import type { BearerSettings } from '../config/bearer-settings.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SessionLookup } from '../identity/identity.ts';
import type { Person } from '../identity/person.ts';
import { readShownTokens, showsTokenInQuery } from '../identity/shown-tokens.ts';

/**
 * Who asks: `person`, who counts as signed in by a cookie, or nobody. Whether a token counts can't be told without the store and its issuer, so
 * none does, and it is answered as the server answers one that it does not accept: a session token always, others where nobody is signed in.
 */
export function whoShows(inbound: Inbound, { format }: BearerSettings, person: Person | undefined): SessionLookup {
  const { session, isSessionUnreadable, bearer } = readShownTokens(inbound);
  if (session.length > 0 || isSessionUnreadable) return { kind: 'refused', credential: 'session-token' };
  if (person !== undefined) return { kind: 'person', person };
  if (format !== 'default' && bearer !== undefined) return { kind: 'refused', credential: 'bearer-token' };
  return showsTokenInQuery(inbound) ? { kind: 'refused', credential: 'session-token' } : { kind: 'nobody' };
}
