import type { HeaderDialect } from './header-dialect.ts';

/** mod_ssl's variables, as `RequestHeader set` exports them; but what there is nothing to say of is absent, and never `(null)`. */
export const apache: HeaderDialect = {
  write: ({ facts: { certificate, serial }, subject, issuer }) => [
    'SSL_CLIENT_VERIFY',
    'SUCCESS',
    'SSL_CLIENT_CERT',
    certificate.toString().trim().replaceAll('\n', ' '),
    'SSL_CLIENT_S_DN',
    subject,
    'SSL_CLIENT_I_DN',
    issuer,
    'SSL_CLIENT_M_SERIAL',
    serial,
  ],
  withoutCertificate: ['SSL_CLIENT_VERIFY', 'NONE'],
};
