import { createHash } from 'node:crypto';
import type { BearerFormat, BearerSettings } from '../config/bearer-settings.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { BearerVerifier } from './bearer-verifier.ts';
import { createBoundedMap } from './bounded-map.ts';
import { buildSession } from './build-session.ts';
import type { Session } from './session.ts';
import { uuidV5 } from './uuid-v5.ts';
import type { VerifiedToken } from './verified-token.ts';

export type FoundBearer =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'refused' }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

/** Sessions that bearer tokens stand for. They live in this process alone: whoever shows the token to another one is verified there. */
export interface BearerSessions {
  /** Synchronous for a token that was verified; a token counts for a route when it fits what the route asks of it. */
  find(token: string, rules: BearerSettings): FoundBearer;
}

export interface BearerSessionsOptions {
  readonly verifier: BearerVerifier;
  readonly now: () => number;
  /** The longest that a session lives. */
  readonly sessionMs: number;
}

interface Good {
  readonly session: Session;
  readonly verified: VerifiedToken;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
  /** When it is that old it is verified anew beside the requests; */
  readonly renewAfterMs: number;
  /** that old, before them. */
  readonly goodForMs: number;
}

type Format = Exclude<BearerFormat, 'default'>;

const limit = 10_000;
// A token with a thousand claims takes as much memory as a hundred usual ones: it counts for several, so that an issuer that makes such
// tokens can't fill the memory.
const usualLength = 1_600;
// Whoever shows one bad token a thousand times costs one verification.
const refusedMs = 30_000;
// An access token that was revoked counts no longer than this: only the provider knows of it.
const askAgainMs = 5 * 60_000;
const retryMs = 30_000;
const mostUnderWay = 64;
const clockToleranceMs = 60_000;
// Those of Pomerium for a provider that has no id; the third is ours.
const namespaces: Readonly<Record<Format, string>> = {
  idp_access_token: '0194f6f8-e760-76a0-8917-e28ac927a34d',
  idp_identity_token: '0194f6f9-aec0-704e-bb4a-51054f17ad17',
  jwt: '4f0c6a3e-9c0f-5b7e-8d53-3f2f6d1b7a90',
};

export function createBearerSessions({ verifier, now, sessionMs }: BearerSessionsOptions): BearerSessions {
  const good = createBoundedMap<string, Good>(limit, ({ verified }) => Math.max(1, JSON.stringify(verified).length / usualLength));
  // Apart, or a stranger's garbage would push out what was verified.
  const refusedAt = createBoundedMap<string, number>(limit);
  const underWay = new Map<string, Promise<void>>();
  const queues = new Map<string, number>();

  return {
    find(token, rules) {
      const { format } = rules;
      if (format === 'default') return { kind: 'refused' };
      const key = keyOf(format, token);
      const known = good.get(key);
      if (known !== undefined && isLive(known) && age(known.checkedAt) < known.goodForMs) {
        if (age(known.checkedAt) >= known.renewAfterMs) check(key, format, token).catch(() => undefined);
        return fits(known.verified, rules) ? { kind: 'session', session: known.session } : { kind: 'refused' };
      }
      if (age(refusedAt.get(key) ?? -Infinity) < refusedMs) return { kind: 'refused' };
      return { kind: 'loading', until: check(key, format, token) };
    },
  };

  /** The distance counts, not the sign: a clock that was set back must keep nothing for longer. */
  function age(at: number): number {
    return Math.abs(now() - at);
  }

  /** One that would outlast any session was begun by a clock that was ahead. */
  function isLive({ session }: Good): boolean {
    const left = session.expiresAt - now();
    return left > 0 && left <= sessionMs + clockToleranceMs;
  }

  function check(key: string, format: Format, token: string): Promise<void> {
    const known = underWay.get(key);
    if (known !== undefined) return known;
    // Apart for each issuer, so that one which hangs takes nothing from the others; and for tokens that counted before, so that a stranger
    // with made-up ones can't keep them from being looked at again.
    const queue = `${good.get(key) === undefined ? 'new' : 'known'} ${verifier.waitsFor(format, token)}`;
    const waiting = queues.get(queue) ?? 0;
    if (waiting >= mostUnderWay)
      return Promise.reject(new ProxyFailure('provider-unreachable', 'Cannot check a bearer token: too many are being checked'));
    queues.set(queue, waiting + 1);
    const until = settle(key, format, token).finally(() => {
      underWay.delete(key);
      leave(queue);
    });
    // Whoever waits meets the rejection; when nobody does, it must not end the process.
    until.catch(() => undefined);
    underWay.set(key, until);
    return until;
  }

  function leave(queue: string): void {
    const left = (queues.get(queue) ?? 0) - 1;
    if (left > 0) queues.set(queue, left);
    else queues.delete(queue);
  }

  async function settle(key: string, format: Format, token: string): Promise<void> {
    const before = good.get(key);
    let verified: VerifiedToken | undefined;
    try {
      verified = await verifier.verify(format, token);
    } catch (error) {
      if (before === undefined || !isLive(before)) throw error;
      // As with people who are signed in: while the provider is down, what it said last counts until it ends.
      good.set(key, { ...before, checkedAt: now(), renewAfterMs: retryMs, goodForMs: askAgainMs });
      return;
    }
    if (verified === undefined || verified.expiresAt <= now()) {
      good.delete(key);
      refusedAt.set(key, now());
      return;
    }
    good.set(key, remember(verified, { before, format, token }));
  }

  function remember(
    verified: VerifiedToken,
    { before, format, token }: { readonly before: Good | undefined; readonly format: Format; readonly token: string },
  ): Good {
    const at = now();
    const isAskedAgain = format === 'idp_access_token';
    const times = {
      checkedAt: at,
      renewAfterMs: isAskedAgain ? askAgainMs / 2 : Infinity,
      goodForMs: isAskedAgain ? askAgainMs : Infinity,
    };
    const { userId, grant } = verified;
    const current = before !== undefined && isLive(before) ? before : undefined;
    // One object for as long as it says the same: others remember things by it.
    if (current !== undefined && JSON.stringify(current.verified) === JSON.stringify(verified)) return { ...current, ...times };
    const expiresAt = Math.min(verified.expiresAt, current?.session.expiresAt ?? at + sessionMs);
    return { session: buildSession({ id: uuidV5(namespaces[format], token), userId, expiresAt, grant }), verified, ...times };
  }
}

function fits({ audiences, issuer }: VerifiedToken, rules: BearerSettings): boolean {
  switch (rules.format) {
    case 'default':
      return false;
    case 'idp_identity_token':
      return issuer === undefined;
    case 'idp_access_token':
      return audiences.some((audience) => rules.audiences.includes(audience));
    case 'jwt':
      return issuer !== undefined && (rules.issuers === undefined || rules.issuers.includes(issuer));
  }
}

/** Hashed: no map of ours holds tokens as keys, and none is as long as a stranger likes. */
function keyOf(format: Format, token: string): string {
  return createHash('sha256').update(`${format} ${token}`).digest('base64');
}
