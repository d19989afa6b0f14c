import type { Inbound } from '../http/inbound.ts';
import type { SignInServices } from './identity-parts.ts';
import type { SignInRedirect } from './identity.ts';
import { originOf, returnUrlOf } from './return-url.ts';
import { signUrl } from './signed-url.ts';

/** Sends a visitor of a route host to the authenticate host, tied to this browser. */
export function startSignIn(services: SignInServices, inbound: Inbound): SignInRedirect {
  const { routeBrowser, authenticate, urlKeys, now } = services;
  const { mark, setCookies } = routeBrowser.begin(inbound);
  const parameters = { pomerium_redirect_uri: returnUrlOf(inbound), pomerium_browser: mark };
  return { location: signUrl(signInUrl(authenticate), parameters, { keys: urlKeys, at: now() }), setCookies };
}

/** Without its query. */
export function signInUrl({ url }: SignInServices['authenticate']): string {
  return `${url.origin}/.pomerium/sign_in`;
}

/** Without its query, at one route host. */
export function handOverUrl(authority: Inbound['authority']): string {
  return `${originOf(authority)}/.pomerium/callback/`;
}
