import type { DistinguishedName } from '../distinguished-name.ts';
import { commonNameOid } from '../distinguished-name.ts';
import type { HeaderDialect } from './header-dialect.ts';
import { bareValue } from './header-value.ts';

/**
 * What HAProxy's manual sets from its `ssl_c_…` samples. Of a connection without certificate HAProxy says 0 too, which is "verified"
 * elsewhere: here it stands for a verified one only.
 */
export const haproxy: HeaderDialect = {
  write: ({ facts: { certificate, subjectName }, subject, issuer }) => [
    'X-SSL-Client-Cert',
    certificate.raw.toString('base64'),
    'X-SSL-Client-Verify',
    '0',
    'X-SSL-Client-SHA1',
    certificate.fingerprint.replaceAll(':', ''),
    'X-SSL-Client-DN',
    subject,
    ...commonName(subjectName),
    'X-SSL-Issuer',
    issuer,
  ],
  withoutCertificate: [],
};

/** Of several, readers disagree which one is meant, so none is told. */
function commonName(subject: DistinguishedName): readonly string[] {
  const [name, ...more] = subject.flat().filter(({ type }) => type === commonNameOid);
  return name?.text === undefined || more.length > 0 ? [] : ['X-SSL-Client-CN', bareValue(name.text)];
}
