import type { HeaderDialect } from './header-dialect.ts';
import { percentEncoded } from './header-value.ts';

/** What configurations of nginx commonly set from its variables, and Encvoy ID reads. */
export const xSslClient: HeaderDialect = {
  write: ({ facts: { certificate, serial }, subject, issuer }) => [
    'X-SSL-Client-Cert',
    percentEncoded(certificate.toString()),
    'X-SSL-Client-Verify',
    'SUCCESS',
    'X-SSL-Client-DN',
    subject,
    'X-SSL-Client-Issuer',
    issuer,
    'X-SSL-Client-Serial',
    serial,
    'X-SSL-Client-Fingerprint',
    // SHA-1, as in nginx: a name for the certificate, and no proof of anything.
    certificate.fingerprint.replaceAll(':', '').toLowerCase(),
  ],
  withoutCertificate: ['X-SSL-Client-Verify', 'NONE'],
};
