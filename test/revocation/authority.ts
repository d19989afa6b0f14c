import assert from 'node:assert/strict';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { CertificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { Issued, IssueOptions, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { RevocationQuestion } from '../../src/certificate/revocation-lookup.ts';
import { writeContextPrimitive, writeExplicit, writeOid, writeSequence } from '../../src/certificate/write-der.ts';
import type { RevocationSettings } from '../../src/config/revocation-settings.ts';
import { usualRevocation } from '../../src/config/revocation-settings.ts';

const day = 86_400_000;
/** Around now and around the frozen moment of the tests. */
export const longValid: Pick<IssueOptions, 'from' | 'to'> = { from: new Date('2026-01-01'), to: new Date(Date.now() + 3650 * day) };

export function makeAuthority(commonName = 'Client CA', options: Partial<IssueOptions> = {}): Promise<Issued> {
  return issueAuthority({ commonName, ...longValid, ...options });
}

/** A client certificate that names sources of revocations. */
export function makeClient(
  ca: Issued,
  sources: { readonly ocsp?: readonly string[]; readonly lists?: readonly string[] },
  options: Partial<IssueOptions> = {},
): Promise<Issued> {
  const extensions = [
    ...(sources.ocsp === undefined ? [] : [responders(...sources.ocsp)]),
    ...(sources.lists === undefined ? [] : [distributionPoints(...sources.lists.map((url) => fullName(url)))]),
  ];
  return issueClientCertificate(ca, { commonName: 'alice', ...longValid, extensions, ...options });
}

export function uri(url: string): Buffer {
  return writeContextPrimitive(6, Buffer.from(url, 'latin1'));
}

/** An authorityInfoAccess with OCSP responders. */
export function responders(...urls: readonly string[]): RawExtension {
  const descriptions = urls.map((url) => writeSequence(writeOid('1.3.6.1.5.5.7.48.1'), uri(url)));
  return { oid: '1.3.6.1.5.5.7.1.1', critical: false, der: writeSequence(...descriptions) };
}

/** The field of a distribution point that names URLs in full. */
export function fullName(...urls: readonly string[]): Buffer {
  return writeExplicit(0, writeExplicit(0, Buffer.concat(urls.map(uri))));
}

/** cRLDistributionPoints; each point is the fields of its SEQUENCE. */
export function distributionPoints(...points: readonly Buffer[]): RawExtension {
  return { oid: '2.5.29.31', critical: false, der: writeSequence(...points.map((fields) => writeSequence(fields))) };
}

export function factsOf({ certificate }: Pick<Issued, 'certificate'>): CertificateFacts {
  const facts = certificateFacts(certificate);
  assert.ok(facts !== undefined, 'a certificate of a test cannot be read');
  return facts;
}

export function questionOf(certificate: Issued, issuer: Issued): RevocationQuestion {
  return { certificate: factsOf(certificate), issuer: factsOf(issuer) };
}

/** Loopback may be asked, for both sources. */
export function settingsOf(settings: Partial<RevocationSettings> = {}): RevocationSettings {
  return {
    ...usualRevocation,
    sources: ['crl_file', 'ocsp', 'crl_distribution_points'],
    allowedHosts: ['127.0.0.1'],
    ...settings,
  };
}
