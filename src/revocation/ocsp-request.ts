import { createHash } from 'node:crypto';
import type { RevocationQuestion } from '../certificate/revocation-lookup.ts';
import { writeDer, writeExplicit, writeNull, writeOctetString, writeOid, writeSequence } from '../certificate/write-der.ts';
import { certificateFields } from './certificate-fields.ts';

/** How OCSP calls a certificate: by hashes of its issuer, and its number. */
export interface CertificateId {
  readonly nameHash: Buffer;
  readonly keyHash: Buffer;
  /** The contents of the INTEGER. */
  readonly serial: Buffer;
}

export const sha1Oid: string = '1.3.14.3.2.26';
export const nonceOid: string = '1.3.6.1.5.5.7.48.1.2';

/**
 * SHA-1 here only names an issuer whose key is known: nothing is signed with it, and responders are required to understand nothing else (RFC 5019
 * section 2.1.1).
 */
export function certificateId({ certificate, issuer }: RevocationQuestion): CertificateId {
  return {
    nameHash: sha1(certificate.issuerRaw),
    keyHash: hashOfKey(issuer.certificate),
    serial: Buffer.from(certificate.serialKey, 'latin1'),
  };
}

/** What a responder is called by, too (RFC 6960 section 4.2.1). */
export function hashOfKey(certificate: Parameters<typeof certificateFields>[0]): Buffer {
  return sha1(certificateFields(certificate).keyBits);
}

/** A request for one certificate, unsigned (RFC 6960 section 4.1), with a nonce (RFC 9654), so that an old answer can't be sold as a new one. */
export function writeOcspRequest({ nameHash, keyHash, serial }: CertificateId, nonce: Buffer): Buffer {
  const certId = writeSequence(
    writeSequence(writeOid(sha1Oid), writeNull()),
    writeOctetString(nameHash),
    writeOctetString(keyHash),
    writeDer(0x02, serial),
  );
  const extension = writeSequence(writeOid(nonceOid), writeOctetString(writeOctetString(nonce)));
  return writeSequence(writeSequence(writeSequence(writeSequence(certId)), writeExplicit(2, writeSequence(extension))));
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}
