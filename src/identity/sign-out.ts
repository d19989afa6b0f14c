import type { Configuration } from 'openid-client';
import type { ProviderKind } from '../config/settings.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SessionServices, SignInServices } from './identity-parts.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import type { IdentityOutcome } from './identity.ts';
import { originOf } from './return-url.ts';
import type { Session } from './session.ts';

const signedOutPath = '/.pomerium/signed_out';

/** Ends the session behind the request's cookie in the store, so that every host's cookie of it is worthless, and leads on to the provider's sign-out. */
export async function signOut(
  { cookie, cache, records, log }: SessionServices,
  services: SignInServices | undefined,
  inbound: Inbound,
  signOutRedirectUrl: URL | undefined,
): Promise<IdentityOutcome> {
  const id = cookie.read(inbound);
  const session = id === undefined ? undefined : await cache.load(id);
  // Whoever signed in with a certificate was not at the provider, and may be somebody else there.
  const wasAtProvider = session !== undefined && !session.isByCertificate;
  // In its record alone, and only a hint: whoever can't be asked for it is signed out without.
  const idToken = wasAtProvider ? await records.read(session.id).then(idTokenOf, () => undefined) : undefined;
  if (id !== undefined) {
    // At once after one another: between them a refresh could bring back what is still in the store.
    cache.drop(id);
    // A store that fails here fails the request: nobody may believe to have signed out when they have not.
    await records.remove(id);
  }
  if (session !== undefined) log.info({ user: session.userId }, 'Somebody signed out');
  const signedOut = signOutRedirectUrl?.href ?? `${services?.authenticate.url.origin ?? originOf(inbound.authority)}${signedOutPath}`;
  const location = services === undefined || !wasAtProvider ? undefined : await providerSignOut(services, idToken, signedOut);
  return { kind: 'redirect', location: location ?? signedOut, setCookies: [cookie.clear(inbound.authority.hostname)] };
}

function idTokenOf(session: Session | undefined): string | undefined {
  return session?.grant.idToken;
}

/** Undefined when the provider has no such page, or can't be asked: here the visitor is signed out all the same. */
async function providerSignOut(
  { provider, log }: SignInServices,
  idToken: string | undefined,
  signedOut: string,
): Promise<string | undefined> {
  try {
    const configuration = await provider.configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined)
      return pagesOfTheirOwn[provider.kind]?.(configuration, signedOut);
    const parameters = { post_logout_redirect_uri: signedOut, ...(idToken === undefined ? {} : { id_token_hint: idToken }) };
    return loadOpenidClient().buildEndSessionUrl(configuration, parameters).href;
  } catch (error) {
    log.warn({ error }, 'The sign-out page of the identity provider is not known; only the session here has ended');
    return undefined;
  }
}

// Where two providers end a session that do not say so in their discovery document, each with parameters of its own.
const pagesOfTheirOwn: Readonly<Partial<Record<ProviderKind, (configuration: Configuration, signedOut: string) => string | undefined>>> = {
  auth0: (configuration, signedOut) => logoutPage(configuration, '/v2/logout', { returnTo: signedOut }),
  cognito: (configuration, signedOut) => logoutPage(configuration, '/logout', { logout_uri: signedOut }),
};

/** Beside the page on which people sign in: the issuer of Cognito is another host. */
function logoutPage(configuration: Configuration, path: string, parameters: Readonly<Record<string, string>>): string | undefined {
  const { authorization_endpoint: beside } = configuration.serverMetadata();
  if (beside === undefined) return undefined;
  const url = new URL(path, beside);
  url.search = new URLSearchParams({ client_id: configuration.clientMetadata().client_id, ...parameters }).toString();
  return url.href;
}
