import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { errorReply } from './error-reply.ts';
import { notFound } from './not-found.ts';
import { outcomeReply } from './outcome-reply.ts';
import { textReply } from './text-reply.ts';

/** `/.pomerium/api/v1/login` of a route host: a program gets the URL that somebody has to open for it in a browser. */
export function beginLogin(context: EndpointContext): Reply {
  const { inbound, identity, isAuthenticateHost } = context;
  const begun = isAuthenticateHost ? ({ kind: 'nothing' } as const) : identity.beginLogin(inbound);
  switch (begun.kind) {
    case 'url':
      return textReply(200, begun.url);
    case 'nothing':
      return notFound(context);
    case 'refused':
      return errorReply({ status: begun.status, message: begun.message, reference: inbound.id, headers: inbound.headers });
  }
}

/** `/.pomerium/programmatic_login`: where that URL leads, and comes back to after the sign-in. */
export async function finishLogin(context: EndpointContext): Promise<Reply> {
  const { inbound, identity, isAuthenticateHost } = context;
  return isAuthenticateHost ? notFound(context) : outcomeReply(await identity.finishLogin(inbound), inbound);
}
