import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { CertificateFacts } from './certificate-facts.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { Issued, RawExtension } from './issue-certificate.ts';
import type { RevokedCertificate } from './read-crl.ts';
import {
  writeBitString,
  writeBoolean,
  writeContextPrimitive,
  writeDer,
  writeExplicit,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
  writeTime,
} from './write-der.ts';

export interface CrlOptions {
  /** Undefined: the list has none, and neither the identifier of the key. */
  readonly number: bigint | undefined;
  readonly from: Date;
  /** When the next list is due; undefined: it does not say. */
  readonly to: Date | undefined;
  readonly revoked: readonly RevokedCertificate[];
  readonly hash?: 'SHA-1' | 'SHA-256';
  /** Added as they are, so that a test can make what no authority should. */
  readonly extensions?: readonly RawExtension[];
}

/** A revocation list of `ca` in PEM (RFC 5280 section 5): complete, version 2, naming the key that signed it. */
export function issueCrl(ca: Issued, options: CrlOptions): string {
  const facts = certificateFacts(ca.certificate);
  if (facts === undefined) throw new Error('Cannot issue a revocation list: the certificate of its authority cannot be read');
  const key = createPrivateKey(ca.keyPem);
  const { algorithm, hash } = signatureAlgorithm(key, options.hash ?? 'SHA-256');
  const list = writeSequence(
    writeInteger(1),
    algorithm,
    facts.subjectRaw,
    writeTime(options.from),
    ...(options.to === undefined ? [] : [writeTime(options.to)]),
    ...(options.revoked.length === 0 ? [] : [writeSequence(Buffer.concat(options.revoked.map(writeEntry)))]),
    ...writeExtensionsField(facts, options),
  );
  return pem(writeSequence(list, algorithm, writeBitString(sign(hash, list, key))));
}

function writeEntry({ serial, at, extensions = [] }: RevokedCertificate): Buffer {
  const more = extensions.length === 0 ? [] : [writeSequence(...extensions.map(writeExtension))];
  return writeSequence(writeDer(0x02, serial), writeTime(at), ...more);
}

function writeExtensionsField({ subjectKeyId }: CertificateFacts, { number, extensions = [] }: CrlOptions): readonly Buffer[] {
  const keyId = subjectKeyId === undefined ? [] : [writeContextPrimitive(0, Buffer.from(subjectKeyId, 'hex'))];
  const own: readonly RawExtension[] =
    number === undefined
      ? []
      : [
          { oid: '2.5.29.35', critical: false, der: writeSequence(...keyId) },
          { oid: '2.5.29.20', critical: false, der: writeInteger(number) },
        ];
  const all = [...own, ...extensions].map(writeExtension);
  return all.length === 0 ? [] : [writeExplicit(0, writeSequence(...all))];
}

function writeExtension({ oid, critical, der }: RawExtension): Buffer {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctetString(der));
}

interface Signing {
  /** The DER of the algorithm identifier. */
  readonly algorithm: Buffer;
  /** As `node:crypto` calls it; null: the key's own. */
  readonly hash: string | null;
}

function signatureAlgorithm(key: KeyObject, hash: 'SHA-1' | 'SHA-256'): Signing {
  const weak = hash === 'SHA-1';
  const kind = key.asymmetricKeyType;
  if (kind === 'ec') return { algorithm: writeSequence(writeOid(weak ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2')), hash };
  if (kind === 'rsa')
    return { algorithm: writeSequence(writeOid(weak ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'), writeNull()), hash };
  if (kind === 'ed25519') return { algorithm: writeSequence(writeOid('1.3.101.112')), hash: null };
  throw new Error(`Cannot sign with a key of type "${kind}": expected an EC, RSA or Ed25519 key`);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}
