import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import type { CrlOptions } from '../../src/certificate/issue-crl.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';

const hour = 3_600_000;

/** A list of `ca` that revokes `revoked` and is in force now, unless the options say otherwise; PEM. */
export function crlOf(ca: Issued, revoked: readonly Issued[], options: Partial<CrlOptions> = {}): string {
  const at = new Date(Date.now() - hour);
  const entries = revoked.map(({ certificate }) => ({ serial: Buffer.from(certificateFacts(certificate)?.serialKey ?? '', 'latin1'), at }));
  return issueCrl(ca, { number: 1n, from: at, to: new Date(Date.now() + 24 * hour), revoked: entries, ...options });
}

/** A PEM as the configuration takes it without a file. */
export function inline(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
