import type { AccountLookup, CertificateMapping } from './certificate/certificate-mapping.ts';
import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { Inbound } from './http/inbound.ts';
import type { CertificateHost } from './snapshot.ts';

/**
 * Who the certificate of a connection signs in as. Each set of CAs judges by itself, as it does on its routes: thrown together, the CA of a
 * department would stand below the root of another file, and its certificates for whomever rules of that root say, at whatever depth.
 */
export function mapToSignIn(
  { signIn }: CertificateHost,
  { connection, receivedAt }: Pick<Inbound, 'connection' | 'receivedAt'>,
  accountOf: (fingerprint: string) => AccountLookup,
): CertificateMapping {
  let nobody: Extract<CertificateMapping, { kind: 'not-mapped' }> = unknown;
  for (const { trust, mapper } of signIn) {
    const verdict = judgeCertificate(connection.certificate, trust, receivedAt);
    if (verdict.kind !== 'valid' || mapper === undefined) continue;
    const mapping = mapper.map(verdict, accountOf);
    // Several values end the search here as well: another set may know one of them only.
    if (mapping.kind !== 'not-mapped' || mapping.detail === 'several-values') return mapping;
    if (nobody.detail === 'no-rule') nobody = mapping;
  }
  return nobody;
}

const unknown: Extract<CertificateMapping, { kind: 'not-mapped' }> = {
  kind: 'not-mapped',
  detail: 'no-rule',
  explanation: 'no rule of certificate_identities is for a set of CAs that takes the certificate',
};
