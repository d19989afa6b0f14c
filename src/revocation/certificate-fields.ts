import type { X509Certificate } from 'node:crypto';
import { MalformedDer, expectTag, readChildren, readDer } from '../certificate/read-der.ts';
import type { Extension } from '../certificate/read-extensions.ts';
import { readExtensions } from '../certificate/read-extensions.ts';

/** What asking about a certificate needs of its bytes. Throws `MalformedDer`; one whose facts are known never does. */
export interface CertificateFields {
  /** The BIT STRING of the public key without tag, length and the count of unused bits: what OCSP hashes. */
  readonly keyBits: Buffer;
  /** By dotted OID. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

export function certificateFields(certificate: X509Certificate): CertificateFields {
  const [tbs] = readChildren(expectTag(readDer(certificate.raw), 0x30));
  const fields = readChildren(expectTag(tbs, 0x30));
  // Version 1 leaves its field out, and with it the extensions.
  const spki = fields[fields[0]?.tag === 0xa0 ? 6 : 5];
  const [, bits] = readChildren(expectTag(spki, 0x30));
  const { contents } = expectTag(bits, 0x03);
  if (contents[0] !== 0) throw new MalformedDer('a key that is no whole number of bytes');
  const list = fields.find(({ tag }) => tag === 0xa3);
  return { keyBits: contents.subarray(1), extensions: list === undefined ? new Map() : readExtensions(readChildren(list)[0]) };
}
