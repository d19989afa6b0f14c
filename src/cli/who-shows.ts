import type { WhoAsks } from '../ask-who.ts';
import { certificateFacts } from '../certificate/certificate-facts.ts';
import type { BearerSettings } from '../config/bearer-settings.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SessionLookup } from '../identity/identity.ts';
import type { Person } from '../identity/person.ts';
import { readShownTokens, showsTokenInQuery } from '../identity/shown-tokens.ts';

/**
 * Somebody made up, over the certificate of the question: a session that is tied to a certificate is tied to that one. Links are in a store,
 * which is not looked at.
 */
export function whoIsMadeUp(asked: Inbound, person: Person | undefined): WhoAsks {
  const { certificate } = asked.connection;
  const facts = certificate.kind === 'presented' ? certificateFacts(certificate.leaf) : undefined;
  return {
    session: (inbound, bearer) => whoShows(inbound, bearer, person),
    binding: () => (facts === undefined ? undefined : { fingerprint: facts.sha256, spkiHash: facts.spkiHash }),
    account: () => ({ kind: 'none' }),
  };
}

/**
 * Who asks: `person`, who counts as signed in by a cookie, or nobody. Whether a token counts can't be told without the store and its issuer, so
 * none does, and it is answered as the server answers one that it does not accept: a session token always, others where nobody is signed in.
 */
function whoShows(inbound: Inbound, { format }: BearerSettings, person: Person | undefined): SessionLookup {
  const { session, isSessionUnreadable, bearer } = readShownTokens(inbound);
  if (session.length > 0 || isSessionUnreadable) return { kind: 'refused', credential: 'session-token' };
  if (person !== undefined) return { kind: 'person', person };
  if (format !== 'default' && bearer !== undefined) return { kind: 'refused', credential: 'bearer-token' };
  return showsTokenInQuery(inbound) ? { kind: 'refused', credential: 'session-token' } : { kind: 'nobody' };
}
