import type { Inbound } from '../http/inbound.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import { tokensOf } from './build-session.ts';
import { finishSignIn } from './finish-sign-in.ts';
import { acceptHandOver } from './hand-over.ts';
import { createIdentityHeaders } from './identity-headers.ts';
import type { SignInServices } from './identity-parts.ts';
import { createSessionServices, createSignInServices } from './identity-parts.ts';
import type { Identity, IdentityOptions, IdentityOutcome, SessionLookup } from './identity.ts';
import { createSessionRefresher } from './refresh-sessions.ts';
import { refuse } from './refuse.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { startSignIn } from './start-sign-in.ts';

export type { Identity, IdentityLog, IdentityOptions, IdentityOutcome, SessionLookup, SignInRedirect, SignInResult } from './identity.ts';

/** Everything about who is asking, for one configuration. It keeps no timer and opens nothing; dispose waits for refreshes under way. */
export function createIdentity(options: IdentityOptions): Identity {
  const { signingKeys, cookie } = options;
  const sessions = createSessionServices(options);
  const services = createSignInServices(options, sessions);
  const refresher = services === undefined ? undefined : createSessionRefresher(services);
  const headers = createIdentityHeaders(options);

  return {
    loadSession,
    startSignIn(inbound) {
      // The configuration is refused when a route can send somebody to sign in and there is no provider.
      if (services === undefined) throw new ProxyFailure('internal', 'Cannot send anybody to sign in: no identity provider is configured');
      return startSignIn(services, inbound);
    },
    signIn: async (inbound) => attempt((ready) => signIn(ready, inbound)),
    finishSignIn: async (inbound) => attempt((ready) => finishSignIn(ready, inbound)),
    acceptHandOver: async (inbound) => (services === undefined ? refuse('sign-in-not-configured') : acceptHandOver(services, inbound)),
    signOut: async (inbound) => signOut(sessions, services, inbound, options.signOutRedirectUrl),
    assertionFor: (person, audience, issuer) => headers.assertionFor(person, audience, issuer),
    identityHeaders: (person, audience, issuer) => headers.headersFor(person, audience, issuer),
    tokensOf,
    jwks: () => signingKeys.jwks,
    sessionCount: async () => sessions.records.count(),
    cookieNames: { isOurs: (name) => name === cookie.name || name.startsWith(`${cookie.name}_`) },
    async [Symbol.asyncDispose]() {
      await refresher?.settled();
    },
  };

  function loadSession(inbound: Inbound): SessionLookup {
    const id = sessions.cookie.read(inbound);
    if (id === undefined) return { kind: 'nobody' };
    const found = sessions.cache.find(id);
    if (found.kind === 'loading') return found;
    if (found.kind === 'none') return { kind: 'nobody' };
    refresher?.refreshIfDue(found.session);
    return { kind: 'person', person: found.session.person };
  }

  async function attempt(step: (ready: SignInServices) => Promise<IdentityOutcome>): Promise<IdentityOutcome> {
    if (services === undefined) return refuse('sign-in-not-configured');
    try {
      const outcome = await step(services);
      if (outcome.kind === 'refused') services.onSignIn('refused');
      return outcome;
    } catch (error) {
      services.onSignIn('failed');
      throw error;
    }
  }
}
