import type { HeaderDialect } from './header-dialect.ts';
import { percentEncoded } from './header-value.ts';

/** The load balancer of AWS in its mode `verify`. */
export const awsAlb: HeaderDialect = {
  write: ({ facts: { certificate, serial, notBefore, notAfter }, subject, issuer }) => [
    'X-Amzn-Mtls-Clientcert-Leaf',
    percentEncoded(certificate.toString()).replace(/%2B|%3D|%2F/g, decodeURIComponent),
    'X-Amzn-Mtls-Clientcert-Subject',
    subject,
    'X-Amzn-Mtls-Clientcert-Issuer',
    issuer,
    'X-Amzn-Mtls-Clientcert-Serial-Number',
    serial,
    'X-Amzn-Mtls-Clientcert-Validity',
    `NotBefore=${wholeSeconds(notBefore)};NotAfter=${wholeSeconds(notAfter)}`,
  ],
  withoutCertificate: [],
};

function wholeSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
