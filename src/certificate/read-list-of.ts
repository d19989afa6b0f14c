import type { CertificateFacts } from './certificate-facts.ts';
import type { IssuedCrl } from './crl-bundle.ts';
import { isSignedWith } from './crl-signature.ts';
import { readCrlFrame } from './read-crl.ts';
import { readPem } from './read-pem.ts';

export type ListReading = { readonly ok: true; readonly list: IssuedCrl } | { readonly ok: false; readonly message: string };

/**
 * Reads one revocation list, in DER or as a single PEM block, that has to be of `issuer`, whose certificate the caller has proven. With
 * `url`, where it was fetched from, a list for that very distribution point is good enough for certificates that name it: look at
 * `onlyUserCertificates` then. Whether the list is in force is the caller's to ask. `message` is one sentence.
 */
export function readListOf(bytes: Buffer, issuer: CertificateFacts, url?: string): ListReading {
  const list = readBytes(bytes, issuer, url);
  return typeof list === 'string' ? { ok: false, message: `the revocation list ${list}` } : { ok: true, list };
}

/** Why it can't be used, continuing "the revocation list …", or the list. */
function readBytes(bytes: Buffer, issuer: CertificateFacts, url: string | undefined): IssuedCrl | string {
  const der = readEncoding(bytes);
  if (typeof der === 'string') return der;
  const unread = readCrlFrame(der, url);
  if (typeof unread === 'string') return unread;
  const { frame, signed } = unread;
  if (frame.issuerCanonical !== issuer.subjectCanonical) return `is of "${frame.issuer}" and not of "${issuer.subject}"`;
  if (issuer.publicKey === undefined || !isSignedWith(signed, issuer.publicKey))
    return `was not signed by the key of "${issuer.subject}", or was changed since`;
  if (issuer.keyUsage?.crlSign === false)
    return `is signed by "${issuer.subject}", which may not sign revocation lists (key usage without cRLSign)`;
  // Only now: whoever may change what is fetched must not choose how much work a list makes.
  const serials = unread.readSerials();
  return typeof serials === 'string' ? serials : { ...frame, serials, authority: issuer };
}

/** RFC 5280 section 4.2.1.13 wants DER; many authorities serve PEM all the same. */
function readEncoding(bytes: Buffer): Buffer | string {
  if (bytes[0] === 0x30) return bytes;
  const [block, ...more] = readPem(bytes.toString('latin1'));
  if (block === undefined) return 'is neither DER nor PEM';
  if (more.length > 0) return `comes as one of ${more.length + 1} PEM blocks, expected one`;
  if (block.label !== 'X509 CRL') return `is a "${block.label}", expected "X509 CRL"`;
  return block.der ?? 'is damaged PEM';
}
