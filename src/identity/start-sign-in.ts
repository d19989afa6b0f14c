import type { Inbound } from '../http/inbound.ts';
import type { SignInServices } from './identity-parts.ts';
import type { SignInRedirect } from './identity.ts';
import { originOf, returnUrlOf } from './return-url.ts';
import type { SignInRequest } from './sign-in-request.ts';
import { signUrl } from './signed-url.ts';

/** Sends a visitor of a route host to the authenticate host, tied to this browser. */
export function startSignIn(services: SignInServices, inbound: Inbound): SignInRedirect {
  const { mark, setCookies } = services.routeBrowser.begin(inbound);
  return { location: signInChoiceUrl(services, { returnTo: returnUrlOf(inbound), routeBrowser: mark }), setCookies };
}

/** Where the same visitor can choose again how to sign in, or begins at the provider when that is the choice. */
export function signInChoiceUrl(
  { authenticate, urlKeys, now }: Pick<SignInServices, 'authenticate' | 'urlKeys' | 'now'>,
  { returnTo, routeBrowser }: SignInRequest,
  method?: 'idp',
): string {
  const parameters = { pomerium_redirect_uri: returnTo, pomerium_browser: routeBrowser };
  const chosen = method === undefined ? {} : { pomerium_method: method };
  return signUrl(signInUrl(authenticate), { ...parameters, ...chosen }, { keys: urlKeys, at: now() });
}

/** Without its query. */
export function signInUrl({ url }: SignInServices['authenticate']): string {
  return `${url.origin}/.pomerium/sign_in`;
}

/** Without its query, at one route host. */
export function handOverUrl(authority: Inbound['authority']): string {
  return `${originOf(authority)}/.pomerium/callback/`;
}
