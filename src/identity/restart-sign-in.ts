import { cookieValues, writeSetCookie } from '../http/cookies.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import { refuse } from './refuse.ts';
import type { ReturnUrl } from './return-url.ts';

const oncePerSeconds = 120;

/**
 * Leads somebody who took too long back to the page they asked for, where the sign-in begins anew. Once: a cookie remembers
 * it for two minutes, so that clocks that disagree can't send anybody round in circles.
 */
export function restartSignIn({ restartCookieName }: SignInServices, inbound: Inbound, target: ReturnUrl): IdentityOutcome {
  if (cookieValues(inbound.headers, restartCookieName).length > 0) return refuse('sign-in-expired');
  const remember = writeSetCookie(restartCookieName, '1', { path: '/', maxAge: oncePerSeconds, httpOnly: true, sameSite: 'Lax' });
  return { kind: 'redirect', location: target.url, setCookies: [remember] };
}
