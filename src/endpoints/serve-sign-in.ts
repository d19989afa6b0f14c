import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { notFound } from './not-found.ts';
import { outcomeReply } from './outcome-reply.ts';
import { redirectReply } from './redirect-reply.ts';

/**
 * `/.pomerium/sign_in`: on the authenticate host a step of every sign-in; on any other host where the link of the user page
 * leads. That one is come back to after signing in, and then leads to the user page.
 */
export async function signIn(context: EndpointContext): Promise<Reply> {
  const { inbound, isAuthenticateHost, identity, person, authenticateUrl } = context;
  if (isAuthenticateHost) return outcomeReply(await identity.signIn(inbound), inbound);
  if (person !== undefined) return redirectReply({ location: '/.pomerium/' });
  if (authenticateUrl === undefined) return notFound(context);
  return redirectReply(identity.startSignIn(inbound));
}

/** `/oauth2/callback` of the authenticate host: the provider sends the visitor back. */
export async function finishSignIn({ inbound, identity }: EndpointContext): Promise<Reply> {
  return outcomeReply(await identity.finishSignIn(inbound), inbound);
}

/** `/.pomerium/callback/`: the authenticate host hands a session over to this host. */
export async function acceptHandOver({ inbound, identity, certificate }: EndpointContext): Promise<Reply> {
  return outcomeReply(await identity.acceptHandOver(inbound, certificate?.valid === true ? certificate : undefined), inbound);
}
