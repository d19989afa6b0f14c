import { buildEndSessionUrl } from 'openid-client';
import type { Inbound } from '../http/inbound.ts';
import type { SessionServices, SignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import { originOf } from './return-url.ts';
import type { Session } from './session.ts';

const signedOutPath = '/.pomerium/signed_out';

/** Ends the session behind the request's cookie in the store, so that every host's cookie of it is worthless, and leads on to the provider's sign-out. */
export async function signOut(
  { cookie, cache, records, log }: SessionServices,
  services: SignInServices | undefined,
  inbound: Inbound,
): Promise<IdentityOutcome> {
  const id = cookie.read(inbound);
  const session = id === undefined ? undefined : await cache.load(id);
  if (id !== undefined) {
    cache.drop(id);
    // A store that fails here fails the request: nobody may believe to have signed out when they have not.
    await records.remove(id);
  }
  if (session !== undefined) log.info({ user: session.userId }, 'Somebody signed out');
  const signedOut = `${services?.authenticate.url.origin ?? originOf(inbound.authority)}${signedOutPath}`;
  const location = services === undefined || session === undefined ? undefined : await providerSignOut(services, session, signedOut);
  return { kind: 'redirect', location: location ?? signedOut, setCookies: [cookie.clear(inbound.authority.hostname)] };
}

/** Undefined when the provider has no such page, or can't be asked: here the visitor is signed out all the same. */
async function providerSignOut({ provider, log }: SignInServices, session: Session, signedOut: string): Promise<string | undefined> {
  try {
    const configuration = await provider.configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
    const { idToken } = session.grant;
    const parameters = { post_logout_redirect_uri: signedOut, ...(idToken === undefined ? {} : { id_token_hint: idToken }) };
    return buildEndSessionUrl(configuration, parameters).href;
  } catch (error) {
    log.warn({ error }, 'The sign-out page of the identity provider is not known; only the session here has ended');
    return undefined;
  }
}
