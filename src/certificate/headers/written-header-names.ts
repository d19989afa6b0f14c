import type { CertificateDialect } from '../../config/certificate-header-settings.ts';

/** Every header that a dialect may write, whatever the certificate; as it writes them. */
export const writtenHeaderNames: Readonly<Record<CertificateDialect, readonly string[]>> = {
  rfc9440: ['Client-Cert', 'Client-Cert-Chain'],
  xfcc: ['X-Forwarded-Client-Cert'],
  nginx: ['ssl-client-cert', 'ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn'],
  x_ssl_client: [
    'X-SSL-Client-Cert',
    'X-SSL-Client-Verify',
    'X-SSL-Client-DN',
    'X-SSL-Client-Issuer',
    'X-SSL-Client-Serial',
    'X-SSL-Client-Fingerprint',
  ],
  x_client: ['X-Client-DN', 'X-Client-Verify'],
  traefik: ['X-Forwarded-Tls-Client-Cert', 'X-Forwarded-Tls-Client-Cert-Info'],
  aws_alb: [
    'X-Amzn-Mtls-Clientcert-Leaf',
    'X-Amzn-Mtls-Clientcert-Subject',
    'X-Amzn-Mtls-Clientcert-Issuer',
    'X-Amzn-Mtls-Clientcert-Serial-Number',
    'X-Amzn-Mtls-Clientcert-Validity',
  ],
  cloudflare: ['Cf-Client-Cert-Der-Base64', 'Cf-Client-Cert-Sha256'],
  apache: ['SSL_CLIENT_VERIFY', 'SSL_CLIENT_CERT', 'SSL_CLIENT_S_DN', 'SSL_CLIENT_I_DN', 'SSL_CLIENT_M_SERIAL'],
  haproxy: ['X-SSL-Client-Cert', 'X-SSL-Client-Verify', 'X-SSL-Client-SHA1', 'X-SSL-Client-DN', 'X-SSL-Client-CN', 'X-SSL-Issuer'],
};
