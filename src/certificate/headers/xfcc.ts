import type { CertificateFacts } from '../certificate-facts.ts';
import type { HeaderDialect } from './header-dialect.ts';
import { isPrintable, percentEncoded } from './header-value.ts';

/** Envoy's `X-Forwarded-Client-Cert`, one element. Its `Chain` begins with the leaf. */
export const xfcc: HeaderDialect = {
  write({ facts, subject, issuers }, chain) {
    const { certificate, sha256 } = facts;
    const pem = certificate.toString();
    const pairs = [
      `Hash=${sha256}`,
      `Cert=${quoted(percentEncoded(pem))}`,
      ...(chain ? [`Chain=${quoted(percentEncoded([certificate, ...issuers].join('')))}`] : []),
      `Subject=${quoted(subject)}`,
      ...namesOf(facts, 'uri').map((uri) => `URI=${value(uri)}`),
      ...namesOf(facts, 'dns').map((dns) => `DNS=${value(dns)}`),
    ];
    return ['X-Forwarded-Client-Cert', pairs.join(';')];
  },
  withoutCertificate: [],
};

/**
 * Without those that no standard allows (RFC 5280 section 4.2.1.6: ASCII), and without those that hold a pair of their own: quoted they
 * are harmless, but readers that split at every `;` are many, and would take a certificate or a name out of such a value.
 */
function namesOf({ alternativeNames }: CertificateFacts, kind: 'uri' | 'dns'): readonly string[] {
  return alternativeNames.flatMap((name) =>
    name.kind === kind && isPrintable(name.text) && !holdsPair.test(name.text) ? [name.text] : [],
  );
}

// Not `By`: it tells of a proxy, and nobody is let in for it.
const holdsPair = /[,;]\s*(?:hash|cert|chain|subject|uri|dns)\s*=/i;

function value(text: string): string {
  return /[,;="\\\s]/.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
