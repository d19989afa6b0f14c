import type { X509Certificate } from 'node:crypto';
import type { HeaderDialect } from './header-dialect.ts';

/** RFC 9440: byte sequences of RFC 8941. The leaf is no part of `Client-Cert-Chain`, which is absent where nothing else was sent. */
export const rfc9440: HeaderDialect = {
  write({ facts, issuers }, chain) {
    const leaf = ['Client-Cert', byteSequence(facts.certificate)];
    return chain && issuers.length > 0 ? [...leaf, 'Client-Cert-Chain', issuers.map(byteSequence).join(', ')] : leaf;
  },
  withoutCertificate: [],
};

function byteSequence({ raw }: X509Certificate): string {
  return `:${raw.toString('base64')}:`;
}
