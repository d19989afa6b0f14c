import { X509Certificate } from 'node:crypto';

/**
 * The certificate that these bytes are, and nothing else; undefined for whatever else they are. OpenSSL stops at the end of the first value
 * and reads PEM and BER as well: what it passes over would be in force nowhere.
 */
export function parseCertificate(der: Buffer): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    // Any complaint of the parser means the same here: not a certificate.
    return undefined;
  }
}
