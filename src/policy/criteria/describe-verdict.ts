import type { CertificateVerdict } from '../../certificate/verdict.ts';

/** What came of a certificate, in a few words that hold nothing of the certificate itself. */
export function describeVerdict(certificate: CertificateVerdict): string {
  switch (certificate.kind) {
    case 'no-authority':
      return 'no certificate is asked for';
    case 'none':
      return 'no certificate was presented';
    case 'valid':
      return 'a valid certificate';
    case 'invalid':
      return `an invalid certificate: ${certificate.detail}`;
  }
}
