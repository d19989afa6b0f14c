import type { CertificateFacts } from '../certificate/certificate-facts.ts';
import { certificateFacts } from '../certificate/certificate-facts.ts';
import { parseCertificate } from '../certificate/parse-certificate.ts';
import { isSignedBy } from '../certificate/certification-path.ts';
import { isSignedWith } from '../certificate/crl-signature.ts';
import { canonicalName, readDistinguishedName } from '../certificate/distinguished-name.ts';
import { signatureWeakness } from '../certificate/key-strength.ts';
import { hashOfKey } from './ocsp-request.ts';
import type { OcspResponse, ResponderId } from './ocsp-response.ts';

/**
 * Why the response is not of somebody who may speak for `issuer` at `at` (RFC 6960 section 4.2.2.2), as a clause; undefined: it is. That is the
 * issuer itself, or whom it gave a certificate for just this. Whether that one was revoked in turn is not asked: it would have to vouch for
 * itself (`id-pkix-ocsp-nocheck` says the same for those that carry it).
 */
export function signerFault(response: OcspResponse, issuer: CertificateFacts, at: number): string | undefined {
  const { algorithm, parameters } = response.signed;
  const weakness = signatureWeakness(algorithm, parameters);
  if (weakness !== undefined) return `its answer is ${weakness}`;
  if (isNamed(response.responder, issuer)) return keyFault(response, issuer);
  const delegates = response.certificates
    .slice(0, mostCertificates)
    .map(readCertificate)
    .filter((facts) => facts !== undefined);
  const named = delegates.find((facts) => isNamed(response.responder, facts));
  if (named === undefined) return 'its answer is signed by somebody unknown';
  return delegationFault(named, issuer, at) ?? keyFault(response, named);
}

const mostCertificates = 8;

const ocspSigningOid = '1.3.6.1.5.5.7.3.9';
const noCheckOid = '1.3.6.1.5.5.7.48.1.5';

function readCertificate(der: Buffer): CertificateFacts | undefined {
  const certificate = parseCertificate(der);
  return certificate === undefined ? undefined : certificateFacts(certificate);
}

function isNamed(responder: ResponderId, facts: CertificateFacts): boolean {
  return responder.kind === 'key'
    ? hashOfKey(facts.certificate).equals(responder.hash)
    : canonicalName(readDistinguishedName(responder.name)).join(',') === facts.subjectCanonical;
}

/** A certificate of the same authority is not enough: every visitor has one. */
function delegationFault(delegate: CertificateFacts, issuer: CertificateFacts, at: number): string | undefined {
  const who = `its answer is signed by "${delegate.subject}", which`;
  if (delegate.issuerCanonical !== issuer.subjectCanonical || !isSignedBy(delegate, issuer))
    return `${who} "${issuer.subject}" did not issue`;
  if (delegate.signatureWeakness !== undefined) return `${who} is ${delegate.signatureWeakness}`;
  // By name: "any purpose" is in certificates that were never meant to speak for their authority.
  if (delegate.extendedKeyUsage?.includes(ocspSigningOid) !== true) return `${who} may not sign OCSP responses (extended key usage)`;
  if (delegate.keyUsage?.digitalSignature === false) return `${who} may not sign (key usage)`;
  if (delegate.unknownCritical.some((oid) => oid !== noCheckOid)) return `${who} has a critical extension that is not understood`;
  return at < delegate.notBefore || at > delegate.notAfter ? `${who} is not valid now` : undefined;
}

function keyFault({ signed }: OcspResponse, { subject, publicKey, keyWeakness }: CertificateFacts): string | undefined {
  if (keyWeakness !== undefined) return `its answer is signed by "${subject}", which has ${keyWeakness}`;
  const isSigned = publicKey !== undefined && isSignedWith(signed, publicKey);
  return isSigned ? undefined : `its answer was not signed by the key of "${subject}", or was changed since`;
}
