import { createBoundedMap } from './bounded-map.ts';
import type { SignInServices } from './identity-parts.ts';
import type { LiveSession } from './live-session.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import { providerFailure } from './provider-failure.ts';
import { readGrant } from './read-grant.ts';
import type { Grant } from './session.ts';
import { subjectOf } from './user-id.ts';

/** Asks the provider again about people whose access token has run out, beside their requests and once at a time for each. */
export interface SessionRefresher {
  /** Called for each request of a session; nearly always there is nothing to do. */
  refreshIfDue(session: LiveSession): void;
  /** Resolves when no refresh is under way. */
  settled(): Promise<void>;
}

type Outcome =
  | { readonly kind: 'refreshed'; readonly grant: Grant }
  /** Another process did it, or is about to. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'refused' };

const beforeExpiryMs = 30_000;
const retryAfterMs = 30_000;
const leaseMs = 60_000;
const rememberedRetries = 10_000;

export function createSessionRefresher(services: SignInServices): SessionRefresher {
  const { now } = services;
  const underWay = new Map<string, Promise<void>>();
  const triedAt = createBoundedMap<string, number>(rememberedRetries);

  return {
    refreshIfDue(session) {
      const { refreshableUntil } = session;
      if (refreshableUntil === undefined || refreshableUntil - beforeExpiryMs > now()) return;
      // The distance counts: a clock that was set back must not put the next try off.
      if (underWay.has(session.id) || Math.abs(now() - (triedAt.get(session.id) ?? -Infinity)) < retryAfterMs) return;
      // Whatever comes of it, the next try is not at once.
      triedAt.set(session.id, now());
      const refreshing = refreshSession(services, session).finally(() => underWay.delete(session.id));
      underWay.set(session.id, refreshing);
    },
    async settled() {
      await Promise.allSettled(underWay.values());
    },
  };
}

/** Never rejects: nobody waits for it, and the session is good until it expires or the provider says otherwise. */
async function refreshSession(services: SignInServices, session: LiveSession): Promise<void> {
  const { log, cache, records } = services;
  try {
    const outcome = await withLease(services, session.id, async () => askAgain(services, session.id));
    switch (outcome.kind) {
      case 'refreshed':
        await records.replaceGrant(session, outcome.grant);
        await cache.reload(session.id);
        break;
      case 'elsewhere':
        await cache.reload(session.id);
        break;
      case 'refused':
        log.info({ user: session.userId }, 'The provider refused to prolong a sign-in; the session has ended');
        cache.drop(session.id);
        await records.remove(session.id);
        break;
    }
  } catch (error) {
    log.warn({ user: session.userId, error }, 'A session could not be refreshed; it stays as it is for now');
  }
}

/** One process at a time: a provider that sees one refresh token twice takes the second for theft and revokes everything. */
async function withLease({ store, now }: SignInServices, id: string, work: () => Promise<Outcome>): Promise<Outcome> {
  const key = `refreshing/${id}`;
  if (!(await store.add(key, new Uint8Array(), now() + leaseMs))) return { kind: 'elsewhere' };
  try {
    return await work();
  } finally {
    await store.remove(key);
  }
}

async function askAgain({ provider, records, now }: SignInServices, id: string): Promise<Outcome> {
  // Read under the lease: another process may have used the token that we know and stored its successor.
  const session = await records.read(id);
  const { refreshToken, accessExpiresAt } = session?.grant ?? {};
  if (session === undefined || refreshToken === undefined) return { kind: 'elsewhere' };
  if (accessExpiresAt !== undefined && accessExpiresAt - beforeExpiryMs > now()) return { kind: 'elsewhere' };
  const { ResponseBodyError, refreshTokenGrant } = loadOpenidClient();
  const configuration = await provider.configuration();
  try {
    const tokens = await refreshTokenGrant(configuration, refreshToken);
    // OpenID Connect Core 12.2: a refresh never changes who somebody is.
    const subject = subjectOf(session);
    if ((tokens.claims()?.sub ?? subject) !== subject) return { kind: 'refused' };
    const userInfo = await provider.userInfo(tokens.access_token, subject);
    return { kind: 'refreshed', grant: readGrant(tokens, { userInfo, at: now(), anyTenant: provider.anyTenant, before: session.grant }) };
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return { kind: 'refused' };
    throw providerFailure('refresh a session', error);
  }
}
