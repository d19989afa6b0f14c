import { headerValues } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { errorReply } from './error-reply.ts';
import { outcomeReply } from './outcome-reply.ts';
import { ownOrigin } from './own-origin.ts';
import { pageReply } from './pages/page-reply.ts';
import { confirmSignOutPage, signedOutPage } from './pages/sign-out-pages.ts';
import { redirectReply } from './redirect-reply.ts';

/**
 * `/.pomerium/sign_out` ends the session when the visitor asked for it here. Another site could ask in their name (an image is
 * enough, and certificates and cookies are sent along: CVE-2025-54286): then a GET gets a page with one button and a POST 403.
 */
export async function serveSignOut(context: EndpointContext): Promise<Reply> {
  const { inbound, identity } = context;
  if (inbound.method === 'POST') return isFromElsewhere(inbound) ? refuse(inbound) : outcomeReply(await identity.signOut(inbound), inbound);
  // HEAD is safe by definition (RFC 9110 section 9.2.1), and a browser that fetches ahead was asked by nobody.
  if (inbound.method === 'HEAD' || !isAsked(inbound)) return confirm(context);
  return outcomeReply(await identity.signOut(inbound), inbound);
}

/** `/.pomerium/signed_out`, where signing out leads in the end. Whoever opens it while signed in is not told otherwise. */
export function serveSignedOut({ inbound, person }: EndpointContext): Reply {
  if (person !== undefined) return redirectReply({ location: '/.pomerium/' });
  return pageReply({ status: 200, title: 'You are signed out', main: signedOutPage(), reference: inbound.id });
}

const trustedSites: ReadonlySet<string> = new Set(['none', 'same-origin', 'same-site']);

/** Unknown words and several headers count as another site: in doubt nothing is changed. */
function isCrossSite(sites: readonly string[]): boolean {
  return sites.length > 1 || sites.some((site) => !trustedSites.has(site.trim().toLowerCase()));
}

function isAsked({ headers, upgrade }: Inbound): boolean {
  // Any page may open a WebSocket to any site, and not every browser says with it where it comes from.
  if (upgrade !== undefined) return false;
  return !isCrossSite(headerValues(headers, 'sec-fetch-site')) && !isPrefetch(headerValues(headers, 'sec-purpose'));
}

function isPrefetch(purposes: readonly string[]): boolean {
  return purposes.some((purpose) => /(?:^|[;,\s])(?:prefetch|prerender)(?:[;,\s]|$)/i.test(purpose));
}

/** Browsers that do not send Sec-Fetch-Site send Origin with every POST; what sends neither is no browser and has no visitor to trick. */
function isFromElsewhere(inbound: Inbound): boolean {
  const sites = headerValues(inbound.headers, 'sec-fetch-site');
  if (sites.length > 0) return isCrossSite(sites);
  return headerValues(inbound.headers, 'origin').some((origin) => origin.trim().toLowerCase() !== ownOrigin(inbound));
}

function confirm({ inbound, signOutOrigins = [] }: EndpointContext): Reply {
  return pageReply({
    status: 200,
    title: 'Do you want to sign out?',
    main: confirmSignOutPage(),
    reference: inbound.id,
    formOrigins: signOutOrigins,
  });
}

function refuse({ id, headers }: Inbound): Reply {
  return errorReply({
    status: 403,
    title: 'You are still signed in',
    message: 'Another site asked to sign you out, so nothing was changed.',
    nextStep: 'If you do want to sign out, open /.pomerium/ on this site and use the button there.',
    reference: id,
    headers,
  });
}
