import { ProxyFailure } from '../http/proxy-failure.ts';
import type { BearerSessions } from './bearer-sessions.ts';
import { createBearerSessions } from './bearer-sessions.ts';
import { createBearerVerifier } from './bearer-verifier.ts';
import { tokensOf } from './build-session.ts';
import { askCertificate, finishCertificateSignIn } from './certificate-sign-in.ts';
import { finishSignIn } from './finish-sign-in.ts';
import { acceptHandOver } from './hand-over.ts';
import { createIdentityHeaders } from './identity-headers.ts';
import type { SignInServices } from './identity-parts.ts';
import { createCertificateSignIn, createSessionServices, createSignInServices } from './identity-parts.ts';
import type { Identity, IdentityOptions, IdentityOutcome, SignInChoice } from './identity.ts';
import { createLinking } from './linking.ts';
import { loadSession, noBearer } from './load-session.ts';
import { beginLogin, finishLogin } from './programmatic-login.ts';
import { createProviderTokenVerifier } from './provider-tokens.ts';
import { createSessionRefresher } from './refresh-sessions.ts';
import { sessionOfKey } from './session-records.ts';
import { refuse } from './refuse.ts';
import { createSessionTokens } from './session-token.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { startSignIn } from './start-sign-in.ts';

export type {
  Identity,
  IdentityLog,
  IdentityOptions,
  IdentityOutcome,
  LoginBegun,
  SignInChoice,
  SessionLookup,
  SignInRedirect,
  SignInResult,
} from './identity.ts';

/** Everything about who is asking, for one configuration. It keeps no timer and opens nothing; dispose waits for refreshes and writes under way. */
export function createIdentity(options: IdentityOptions): Identity {
  const { signingKeys, cookie, redirectHosts = [] } = options;
  const sessions = createSessionServices(options);
  const services = createSignInServices(options, sessions);
  const refresher = services === undefined ? undefined : createSessionRefresher(services);
  const headers = createIdentityHeaders(options);
  const tokens = createSessionTokens(options.secrets.shared, options.now);
  const byCertificate = createCertificateSignIn(options, services);
  const linking = createLinking(options, sessions);
  const following = options.store.onChange?.((key) => {
    const session = sessionOfKey(key);
    if (session === undefined) linking.forgetRecord(key);
    else sessions.cache.forget(session);
  });
  const asking = { sessions, tokens, refresher, bearers: createBearers(options, services) };

  return {
    loadSession: (inbound, bearer = noBearer) => loadSession(asking, inbound, bearer),
    startSignIn(inbound) {
      // The configuration is refused when a route can send somebody to sign in and there is no provider.
      if (services === undefined) throw new ProxyFailure('internal', 'Cannot send anybody to sign in: no identity provider is configured');
      return startSignIn(services, inbound);
    },
    signIn: async (inbound) => attempt((ready) => signIn(ready, inbound, byCertificate)),
    finishSignIn: async (inbound) => attempt((ready) => finishSignIn(ready, inbound)),
    askCertificate: async (inbound, shown) =>
      attempt(async () => (byCertificate === undefined ? refuse('sign-in-not-configured') : askCertificate(byCertificate, inbound, shown))),
    finishCertificateSignIn: async (inbound) =>
      attempt(async () =>
        byCertificate === undefined ? refuse('sign-in-not-configured') : finishCertificateSignIn(byCertificate, inbound),
      ),
    ...linking.face,
    bindingOf: (inbound, { sessionId }) => (sessionId === undefined ? undefined : sessions.cookie.bindingOf(inbound, sessionId)),
    acceptHandOver: async (inbound, certificate) =>
      services === undefined ? refuse('sign-in-not-configured') : acceptHandOver(services, inbound, certificate),
    beginLogin: (inbound) => (services === undefined ? { kind: 'nothing' } : beginLogin({ services, tokens, redirectHosts }, inbound)),
    finishLogin: async (inbound) => attempt((ready) => finishLogin({ services: ready, tokens, redirectHosts }, inbound)),
    signOut: async (inbound) => signOut(sessions, services, inbound, options.signOutRedirectUrl),
    assertionFor: (person, audience, issuer) => headers.assertionFor(person, audience, issuer),
    identityHeaders: (person, audience, issuer) => headers.headersFor(person, audience, issuer),
    tokensOf,
    jwks: () => signingKeys.jwks,
    sessionCount: async () => sessions.records.count(),
    cookieNames: { isOurs: (name) => name === cookie.name || name.startsWith(`${cookie.name}_`) },
    async [Symbol.asyncDispose]() {
      following?.[Symbol.dispose]();
      await Promise.all([refresher?.settled(), linking.settled()]);
    },
  };

  async function attempt<T extends IdentityOutcome | SignInChoice>(
    step: (ready: SignInServices) => Promise<T>,
  ): Promise<T | IdentityOutcome> {
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

function createBearers(options: IdentityOptions, services: SignInServices | undefined): BearerSessions {
  const { now, log, provider: settings, tokenIssuers = [], cookie, fetch = globalThis.fetch } = options;
  const provider =
    services === undefined || settings === undefined
      ? undefined
      : createProviderTokenVerifier({ provider: services.provider, clientId: settings.clientId, fetch, now, log });
  const verifier = createBearerVerifier({ provider, tokenIssuers, fetch, now, log });
  return createBearerSessions({ verifier, now, sessionMs: cookie.expireMs });
}
