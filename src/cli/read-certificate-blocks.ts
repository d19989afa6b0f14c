import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM text in their order, or why there are none to be had. */
export function readCertificateBlocks(pem: string): readonly X509Certificate[] | string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) return 'there is no certificate in it';
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
