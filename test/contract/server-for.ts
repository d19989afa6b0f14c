import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';

const times = { from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2090, 0, 1)) };

/** A server certificate for these names, good for as long as anybody looks. */
export async function serverFor(dnsNames: readonly string[]): Promise<Issued> {
  const authority = await issueAuthority({ commonName: 'Example CA', ...times });
  return issueServerCertificate(authority, { commonName: dnsNames[0] ?? '', dnsNames, ...times });
}
