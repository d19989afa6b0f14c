import type { Trace } from './trace.ts';
import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { CertificateFacts, EndpointContext } from './endpoints/endpoint.ts';
import type { Inbound } from './http/inbound.ts';
import type { Snapshot } from './snapshot.ts';

/** What an own endpoint may look at, for the server and for `explain` alike. `now` in milliseconds since 1970. */
export function endpointContext(inbound: Inbound, snapshot: Snapshot, trace: Trace, now: number): EndpointContext {
  const { settings, identity } = snapshot;
  const issuer = settings.identityProvider?.issuer;
  return {
    inbound,
    isAuthenticateHost: snapshot.isAuthenticateHost(inbound.authority),
    person: trace.person,
    identity,
    authenticateUrl: issuer === undefined ? undefined : settings.authenticate?.url,
    // Signing out leads on to the provider, and a strict page names where its form may lead.
    signOutOrigins: [issuer, settings.signOutRedirectUrl].flatMap((url) => url?.origin ?? []),
    jwtIssuerFormat: settings.jwtIssuerFormat,
    certificate: certificateFacts(inbound, snapshot),
    now,
  };
}

/** What its owner may read about the certificate of this connection, where a route of the host has CAs to judge it by. */
function certificateFacts({ authority, connection, receivedAt }: Inbound, snapshot: Snapshot): CertificateFacts | undefined {
  const { certificate } = connection;
  if (certificate.kind === 'none') return undefined;
  const trust = snapshot.hosts.match(authority.hostname).find((route) => route.trust !== undefined)?.trust;
  const verdict = judgeCertificate(certificate, trust, receivedAt);
  if (verdict.kind === 'no-authority' || verdict.kind === 'none' || verdict.leaf === undefined) return undefined;
  return { subject: verdict.leaf.subject, fingerprint: verdict.leaf.fingerprint, valid: verdict.kind === 'valid' };
}
