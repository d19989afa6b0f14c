import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { jsonReply } from './json-reply.ts';
import { ownOrigin } from './own-origin.ts';
import { anyOrigin } from './preflight.ts';

/** `/.well-known/pomerium`: where the other documents and pages of this host are. */
export function serveWellKnown({ inbound, authenticateUrl }: EndpointContext): Reply {
  const origin = ownOrigin(inbound);
  const document = {
    issuer: `${origin}/`,
    // Left out where nobody can sign in.
    authentication_callback_endpoint: authenticateUrl && `${authenticateUrl.origin}/oauth2/callback`,
    jwks_uri: `${origin}/.well-known/pomerium/jwks.json`,
    frontchannel_logout_uri: `${origin}/.pomerium/sign_out`,
  };
  return jsonReply(200, document, anyOrigin);
}
