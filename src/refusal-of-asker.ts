import type { KnownAsker } from './ask-who.ts';
import type { CertificateVerdict } from './certificate/verdict.ts';
import type { Decision, Reason } from './policy/decision.ts';
import { isCertificateReason } from './replies.ts';
import type { Route } from './snapshot.ts';

/**
 * Why whoever asks is refused whatever they sign in as, before any page of a sign-in: what is wrong is the certificate. A refusal by the
 * policy because of it comes first, with its own reason.
 */
export function refusalOfAsker(decision: Decision, route: Route, certificate: CertificateVerdict, asker: KnownAsker): Reason | undefined {
  if (decision.kind === 'deny' && decision.reasons.some(isCertificateReason)) return undefined;
  if (asker.contradicts) return 'session-certificate-mismatch';
  if (decision.kind !== 'sign-in' || !isAboutCertificate(route, certificate, asker)) return undefined;
  return certificate.kind === 'valid' ? 'client-certificate-not-mapped' : withoutValid(certificate);
}

/** Where another sign-in would lead back to the same refusal. */
function isAboutCertificate({ settings }: Route, certificate: CertificateVerdict, { session, isUnbound }: KnownAsker): boolean {
  if (settings.authentication === 'client_certificate') return true;
  return (settings.authentication === 'both' && session.kind === 'person') || (isUnbound && certificate.kind !== 'valid');
}

/** Why somebody is refused on a page that would send them to sign in, and from there back to it, again and again. */
export function refusalOfPage(
  { person, contradicts, isUnbound }: KnownAsker,
  certificate: CertificateVerdict | undefined,
): Reason | undefined {
  if (person !== undefined) return undefined;
  if (contradicts) return 'session-certificate-mismatch';
  return isUnbound && certificate?.kind !== 'valid' ? withoutValid(certificate) : undefined;
}

function withoutValid(certificate: CertificateVerdict | undefined): Reason {
  return certificate?.kind === 'invalid' ? 'invalid-client-certificate' : 'client-certificate-required';
}
