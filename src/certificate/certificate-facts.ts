import type { KeyObject, X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { CertificateExtensions } from './certificate-extensions.ts';
import { readCertificateExtensions } from './certificate-extensions.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { canonicalName, readDistinguishedName, writeDistinguishedName } from './distinguished-name.ts';
import { keyWeakness, signatureWeakness } from './key-strength.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readIntegerContents, readOid, readSmallInteger } from './read-der.ts';
import { readTime } from './read-time.ts';

/** What judging needs of a certificate, read once. */
export interface CertificateFacts extends CertificateExtensions {
  readonly certificate: X509Certificate;
  /** SHA-256 of the DER, lower hex. */
  readonly sha256: string;
  /** Standard base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiHash: string;
  readonly serial: string;
  /** The bytes of the serial number as Latin-1: what a revocation list is searched for. */
  readonly serialKey: string;
  readonly subjectName: DistinguishedName;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectRaw: Buffer;
  readonly issuerRaw: Buffer;
  /** Equal for names that RFC 5280 section 7.1 calls equal. */
  readonly subjectCanonical: string;
  readonly issuerCanonical: string;
  /** What is wrong with how it was signed, undefined for nothing; of no meaning for an anchor. */
  readonly signatureWeakness: string | undefined;
  /** Undefined when the key is of a kind that this Node can't use. */
  readonly publicKey: KeyObject | undefined;
  readonly keyWeakness: string | undefined;
  /** Milliseconds since 1970; both ends belong to the validity. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Undefined when the certificate can't be read to the last byte by the rules of DER and RFC 5280: one that two readers may
 * understand differently is refused, not interpreted. Remembered per object.
 */
export function certificateFacts(certificate: X509Certificate): CertificateFacts | undefined {
  const known = remembered.get(certificate);
  if (known !== undefined) return known === 'unreadable' ? undefined : known;
  const facts = readFacts(certificate);
  remembered.set(certificate, facts ?? 'unreadable');
  return facts;
}

const remembered = new WeakMap<X509Certificate, CertificateFacts | 'unreadable'>();

function readFacts(certificate: X509Certificate): CertificateFacts | undefined {
  try {
    return readStructure(certificate);
  } catch (error) {
    if (error instanceof MalformedDer) return undefined;
    throw error;
  }
}

function readStructure(certificate: X509Certificate): CertificateFacts {
  const [tbs, outerAlgorithm] = readChildren(expectTag(readDer(certificate.raw), 0x30));
  const { version, fields } = readVersion(readChildren(expectTag(tbs, 0x30)));
  const [serial, signature, issuer, validity, subject, spki, ...optional] = fields;
  const [algorithm, parameters] = readChildren(expectTag(signature, 0x30));
  // What is inside is signed and what is outside is what readers use: they may not disagree (RFC 5280 section 4.1.1.2).
  if (!expectTag(outerAlgorithm, 0x30).raw.equals(expectTag(signature, 0x30).raw)) throw new MalformedDer('two signature algorithms');
  const subjectName = readDistinguishedName(subject);
  const issuerName = readDistinguishedName(issuer);
  // Not by Node: of a date that is none it gives whatever was on its stack, now and then a date.
  const [notBefore, notAfter] = readChildren(expectTag(validity, 0x30));
  const key = expectTag(spki, 0x30);
  const publicKey = readPublicKey(certificate);
  return {
    ...readCertificateExtensions(extensionsField(optional, version)),
    certificate,
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    spkiHash: createHash('sha256').update(key.raw).digest('base64'),
    serial: certificate.serialNumber,
    serialKey: readIntegerContents(serial).toString('latin1'),
    subjectName,
    subject: writeDistinguishedName(subjectName),
    issuer: writeDistinguishedName(issuerName),
    subjectRaw: expectTag(subject, 0x30).raw,
    issuerRaw: expectTag(issuer, 0x30).raw,
    subjectCanonical: canonicalName(subjectName).join(','),
    issuerCanonical: canonicalName(issuerName).join(','),
    signatureWeakness: signatureWeakness(readOid(algorithm), parameters),
    publicKey,
    keyWeakness: keyWeakness(publicKey),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
  };
}

/** Version 1 leaves its field out; the others begin with `[0] EXPLICIT`, numbered from 0. */
function readVersion(fields: readonly DerValue[]): { readonly version: number; readonly fields: readonly DerValue[] } {
  const [first, ...others] = fields;
  if (first?.tag !== 0xa0) return { version: 1, fields };
  const [number, ...more] = readChildren(first);
  const version = readSmallInteger(number) + 1;
  if (more.length > 0 || version < 2 || version > 3) throw new MalformedDer('a version that is not known');
  return { version, fields: others };
}

/** Extensions came with version 3: in an older one, one reader heeds them and another doesn't (RFC 5280 section 4.1.2.9). */
function extensionsField(optional: readonly DerValue[], version: number): DerValue | undefined {
  const [field, ...more] = optional.filter(({ tag }) => !uniqueIds.has(tag));
  if (field === undefined) return undefined;
  if (field.tag !== 0xa3 || more.length > 0 || version < 3) throw new MalformedDer('a field that its version does not have');
  return field;
}

/** `issuerUniqueID` and `subjectUniqueID`, which nobody uses. */
const uniqueIds: ReadonlySet<number> = new Set([0x81, 0x82]);

function readPublicKey(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    // An algorithm or parameters that OpenSSL doesn't know: the key verifies nothing, so no path can lead through it.
    return undefined;
  }
}
