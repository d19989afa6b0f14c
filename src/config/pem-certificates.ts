import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Every certificate of a text, in which a key may stand as well; undefined when there is none or when any is broken, because nobody
 * would miss it before it is needed.
 */
export function parseCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(block) ?? [];
  const begun = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (blocks.length === 0 || blocks.length !== begun) return undefined;
  try {
    return blocks.map((text) => new X509Certificate(text));
  } catch {
    // What exactly is wrong inside is told by no message that an operator could use.
    return undefined;
  }
}
