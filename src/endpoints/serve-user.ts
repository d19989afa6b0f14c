import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { errorReply } from './error-reply.ts';
import { jsonReply } from './json-reply.ts';

// They belong to one assertion, not to the person.
const ofTheAssertion: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'iat', 'jti']);

/** `/.pomerium/user`: what an upstream of this host is told about whoever asks, read from the very assertion it would get. */
export function serveUser({ inbound, person, identity, jwtIssuerFormat }: EndpointContext): Reply {
  // Strangers are sent to sign in before; if one gets here all the same there is nobody to tell about.
  if (person === undefined) return errorReply({ status: 401, reference: inbound.id, headers: inbound.headers });
  const claims = readPayload(identity.assertionFor(person, inbound.authority.hostname, jwtIssuerFormat));
  return jsonReply(200, Object.fromEntries(Object.entries(claims).filter(([name]) => !ofTheAssertion.has(name))));
}

/** `/.pomerium/jwt`: the assertion itself, for applications without a server. Served only where the configuration asks for it. */
export function serveJwt({ inbound, person, identity, jwtIssuerFormat }: EndpointContext): Reply {
  if (person === undefined) return errorReply({ status: 401, reference: inbound.id, headers: inbound.headers });
  const assertion = identity.assertionFor(person, inbound.authority.hostname, jwtIssuerFormat);
  return {
    status: 200,
    headers: ['Content-Type', 'application/jwt', 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'],
    body: assertion,
  };
}

/** The claims of a token that was made a moment ago by ourselves: nothing needs to be verified. */
function readPayload(assertion: string): object {
  const payload: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return typeof payload === 'object' && payload !== null ? payload : {};
}
