import type { BearerSettings } from '../config/bearer-settings.ts';
import type { Inbound } from '../http/inbound.ts';
import type { BearerSessions } from './bearer-sessions.ts';
import type { SessionServices } from './identity-parts.ts';
import type { SessionLookup } from './identity.ts';
import type { SessionRefresher } from './refresh-sessions.ts';
import type { SessionTokens } from './session-token.ts';
import { readShownTokens, showsTokenInQuery } from './shown-tokens.ts';

export interface LoadSessionParts {
  readonly sessions: SessionServices;
  readonly tokens: SessionTokens;
  readonly bearers: BearerSessions;
  readonly refresher: SessionRefresher | undefined;
}

export const noBearer: BearerSettings = Object.freeze({ format: 'default', audiences: Object.freeze([]), issuers: undefined });

const refusedToken: SessionLookup = Object.freeze({ kind: 'refused', credential: 'session-token' });
const refusedBearer: SessionLookup = Object.freeze({ kind: 'refused', credential: 'bearer-token' });
const nobody: SessionLookup = Object.freeze({ kind: 'nobody' });

/**
 * Who asks: the session of the cookie or of a session token, else that of a bearer token. Whatever is shown besides the cookie and does
 * not count makes nobody of the request: a program is told, and never taken for whoever the rest of the request speaks of.
 */
export function loadSession(parts: LoadSessionParts, inbound: Inbound, rules: BearerSettings): SessionLookup {
  const { sessions, tokens, bearers, refresher } = parts;
  const shown = readShownTokens(inbound);
  if (shown.isSessionUnreadable) return refusedToken;
  const cookieId = sessions.cookie.read(inbound);
  const isShown = shown.session.length > 0;
  const id = isShown ? agreedId(cookieId, tokens, shown.session, inbound.authority.hostname) : cookieId;
  if (isShown && id === undefined) return refusedToken;
  const showsBearer = rules.format !== 'default' && shown.bearer !== undefined;
  if (id !== undefined) {
    const found = sessions.cache.find(id);
    if (found.kind === 'session') {
      refresher?.refreshIfDue(found.session);
      return { kind: 'person', person: found.session.person };
    }
    if (found.kind === 'loading') return showsBearer ? loadingBoth(found.until, parts, inbound, rules) : found;
    if (isShown) return refusedToken;
  }
  if (showsBearer) return bearerSession(bearers, shown.bearer, rules);
  return showsTokenInQuery(inbound) ? refusedToken : nobody;
}

/** The session that all of it stands for; undefined where a token is not good, or stands for another one: it was slipped in. */
function agreedId(
  cookieId: string | undefined,
  tokens: SessionTokens,
  shown: readonly string[],
  hostname: Inbound['authority']['hostname'],
): string | undefined {
  const ids = new Set(shown.map((token) => tokens.read(token, hostname)));
  if (cookieId !== undefined) ids.add(cookieId);
  return ids.size === 1 ? [...ids][0] : undefined;
}

/** The walk waits once: for both, where there is no session behind the cookie. */
function loadingBoth(until: Promise<void>, parts: LoadSessionParts, inbound: Inbound, rules: BearerSettings): SessionLookup {
  const afterwards = (): Promise<void> | undefined => {
    const next = loadSession(parts, inbound, rules);
    return next.kind === 'loading' ? next.until : undefined;
  };
  return { kind: 'loading', until: until.then(afterwards) };
}

function bearerSession(bearers: BearerSessions, token: string, rules: BearerSettings): SessionLookup {
  if (token === '') return refusedBearer;
  const found = bearers.find(token, rules);
  switch (found.kind) {
    case 'loading':
      return found;
    case 'refused':
      return refusedBearer;
    case 'session':
      return { kind: 'person', person: found.session.person };
  }
}
