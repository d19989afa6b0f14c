import { acquaintances } from './ask-who.ts';
import type { CertificateVerdict } from './certificate/verdict.ts';
import type { CertificateFacts, EndpointContext } from './endpoints/endpoint.ts';
import { mapToSignIn } from './map-to-sign-in.ts';
import type { CertificateHost, Snapshot } from './snapshot.ts';
import type { Trace } from './trace.ts';

/** What an own endpoint may look at, for the server and for `explain` alike. `now` in milliseconds since 1970. */
export function endpointContext(snapshot: Snapshot, trace: Trace, now: number): EndpointContext {
  const { settings, identity, certificateHost } = snapshot;
  const { visitor, certificate } = trace;
  const issuer = settings.identityProvider?.issuer;
  const isCertificateHost = snapshot.isCertificateHost(visitor.authority);
  return {
    inbound: visitor,
    isAuthenticateHost: snapshot.isAuthenticateHost(visitor.authority),
    person: trace.person,
    identity,
    authenticateUrl: issuer === undefined ? undefined : settings.authenticate?.url,
    // Signing out leads on to the provider, and a strict page names where its form may lead.
    signOutOrigins: [issuer, settings.signOutRedirectUrl].flatMap((url) => url?.origin ?? []),
    jwtIssuerFormat: settings.jwtIssuerFormat,
    certificateUrl: certificateHost?.url,
    isCertificateHost,
    certificate: certificateFacts(certificate, isCertificateHost),
    certificateIdentity: certificateHost === undefined || !isCertificateHost ? undefined : identityOf(certificateHost, identity, trace),
    now,
  };
}

/** Who a certificate signs in as; undefined where it is none that counts. */
function identityOf(
  host: CertificateHost,
  identity: Snapshot['identity'],
  { visitor, certificate }: Trace,
): EndpointContext['certificateIdentity'] {
  if (certificate?.kind !== 'valid') return undefined;
  return () => mapToSignIn(host, visitor, (fingerprint) => acquaintances(identity).account(fingerprint));
}

/** What its owner may read about the certificate of this connection, where there are CAs to judge it by. */
function certificateFacts(verdict: CertificateVerdict | undefined, withLeaf: boolean): CertificateFacts | undefined {
  if (verdict === undefined || verdict.kind === 'no-authority' || verdict.kind === 'none' || verdict.leaf === undefined) return undefined;
  const { leaf } = verdict;
  const { subject, fingerprint, spkiHash } = leaf;
  return { subject, fingerprint, spkiHash, valid: verdict.kind === 'valid', ...(withLeaf ? { leaf } : {}) };
}
