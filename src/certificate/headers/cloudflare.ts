import type { HeaderDialect } from './header-dialect.ts';

/** What Cloudflare forwards to an origin. */
export const cloudflare: HeaderDialect = {
  write: ({ facts: { certificate, sha256 } }) => [
    'Cf-Client-Cert-Der-Base64',
    certificate.raw.toString('base64'),
    'Cf-Client-Cert-Sha256',
    sha256,
  ],
  withoutCertificate: [],
};
