import type { Reply } from '../http/reply.ts';
import type { Person } from '../identity/person.ts';
import type { EndpointContext } from './endpoint.ts';
import { pageReply } from './pages/page-reply.ts';
import type { UserPageFacts } from './pages/user-page.ts';
import { nobodyPage, userPage } from './pages/user-page.ts';

/** `/.pomerium/`: tells whoever asks what is known of them. No token is on it, nor any claim that could be one (CVE-2024-39315). */
export async function serveUserPage(context: EndpointContext): Promise<Reply> {
  const { inbound, isAuthenticateHost, person, authenticateUrl, certificate, signOutOrigins, now } = context;
  const common = { status: 200, reference: inbound.id };
  const host = inbound.authority.hostname;
  if (person === undefined) {
    // The authenticate host has no page that a visitor could be brought back to: a sign-in begins at an application.
    const canSignIn = authenticateUrl !== undefined && !isAuthenticateHost;
    return pageReply({ ...common, title: 'Nobody is signed in', main: nobodyPage({ host, canSignIn, certificate }) });
  }
  const main = userPage({ host, person, certificate, linking: await linkingOf(context, person), now });
  return pageReply({ ...common, title: 'You are signed in', main, formOrigins: signOutOrigins ?? [] });
}

async function linkingOf({ identity, certificateUrl }: EndpointContext, { id }: Person): Promise<UserPageFacts['linking']> {
  if (certificateUrl === undefined) return undefined;
  return { url: `${certificateUrl.origin}/.pomerium/certificates`, links: await identity.linksOf(id) };
}
