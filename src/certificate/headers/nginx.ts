import type { HeaderDialect } from './header-dialect.ts';
import { percentEncoded } from './header-value.ts';

/** What ingress-nginx sends, and authentik reads. */
export const nginx: HeaderDialect = {
  write: ({ facts: { certificate }, subject, issuer }) => [
    'ssl-client-cert',
    percentEncoded(certificate.toString()),
    'ssl-client-verify',
    'SUCCESS',
    'ssl-client-subject-dn',
    subject,
    'ssl-client-issuer-dn',
    issuer,
  ],
  withoutCertificate: ['ssl-client-verify', 'NONE'],
};
