import type { KeyObject } from 'node:crypto';
import { X509Certificate, createHash, createPublicKey, sign } from 'node:crypto';
import type { RawExtension } from '../../../src/certificate/issue-certificate.ts';
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
  writeSet,
  writeTime,
} from '../../../src/certificate/write-der.ts';

export type Name = readonly (readonly [oid: string, text: string])[];

/** All that stands in a certificate, right or wrong: issue-certificate.ts takes a hundred times as long, and writes little that is wrong. */
export interface CertificateForm {
  readonly subject: Name;
  readonly key: KeyObject;
  readonly from: Date;
  readonly to: Date;
  readonly version: 1 | 3;
  /** Undefined: the extension is left out, as are the others. */
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength?: number } | undefined;
  /** The numbers of the bits: 0 digitalSignature, 2 keyEncipherment, 4 keyAgreement, 5 keyCertSign, 6 cRLSign. */
  readonly keyUsage: readonly number[] | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Each in DER. */
  readonly alternativeNames: readonly Buffer[];
  readonly extensions: readonly RawExtension[];
  /** Whether it names its own key and that of its issuer. */
  readonly hasKeyIds: boolean;
  readonly hash: 'SHA-1' | 'SHA-256';
  /** Instead of what its issuer is. */
  readonly issuerName?: Name;
  readonly signedWith?: KeyObject;
  readonly namedKey?: KeyObject;
  readonly isChanged?: boolean;
}

export interface Written {
  readonly form: CertificateForm;
  readonly certificate: X509Certificate;
  readonly certificatePem: string;
}

/** Signed by `issuer`, or by itself when there is none. */
export function writeCertificate(form: CertificateForm, issuer: CertificateForm = form): Written {
  const signer = form.signedWith ?? issuer.key;
  const algorithm = algorithmOf(signer, form.hash);
  const body = writeSequence(
    ...(form.version === 1 ? [] : [writeExplicit(0, writeInteger(2))]),
    writeInteger((serial += 1)),
    algorithm,
    writeName(form.issuerName ?? issuer.subject),
    writeSequence(writeTime(form.from), writeTime(form.to)),
    writeName(form.subject),
    spkiOf(form.key),
    ...(form.version === 1 ? [] : writeExtensions(form, form.namedKey ?? issuer.key)),
  );
  const signature = sign(signer.asymmetricKeyType === 'ed25519' ? null : form.hash, body, signer);
  // In the middle of a number of the signature, which stays one.
  if (form.isChanged === true) signature[signature.length - 12] = (signature[signature.length - 12] ?? 0) ^ 0x10;
  const der = writeSequence(body, algorithm, writeBitString(signature));
  const certificate = new X509Certificate(der);
  return { form, certificate, certificatePem: certificate.toString() };
}

let serial = 1000;

function algorithmOf({ asymmetricKeyType: kind }: KeyObject, hash: CertificateForm['hash']): Buffer {
  if (kind === 'ed25519') return writeSequence(writeOid('1.3.101.112'));
  if (kind === 'ec') return writeSequence(writeOid(hash === 'SHA-1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'));
  return writeSequence(writeOid(hash === 'SHA-1' ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'), writeNull());
}

export function writeName(name: Name): Buffer {
  return writeSequence(
    ...name.map(([oid, text]) => writeSet(writeSequence(writeOid(oid), writeDer(oid === emailAddress ? 0x16 : 0x0c, Buffer.from(text))))),
  );
}

export const emailAddress: string = '1.2.840.113549.1.9.1';

function writeExtensions(form: CertificateForm, issuerKey: KeyObject): readonly Buffer[] {
  const { basicConstraints, keyUsage, extendedKeyUsage, alternativeNames, hasKeyIds, extensions } = form;
  const all = [
    ...own('2.5.29.19', true, basicConstraints && writeBasicConstraints(basicConstraints)),
    ...own('2.5.29.15', true, keyUsage && writeKeyUsage(keyUsage)),
    ...own('2.5.29.37', false, extendedKeyUsage && writeSequence(...extendedKeyUsage.map(writeOid))),
    ...own('2.5.29.17', false, alternativeNames.length === 0 ? undefined : writeSequence(...alternativeNames)),
    ...own('2.5.29.14', false, hasKeyIds ? writeOctetString(keyIdOf(form.key)) : undefined),
    ...own('2.5.29.35', false, hasKeyIds ? writeSequence(writeContextPrimitive(0, keyIdOf(issuerKey))) : undefined),
    ...extensions,
  ];
  return all.length === 0 ? [] : [writeExplicit(3, writeSequence(...all.map(writeExtension)))];
}

function own(oid: string, critical: boolean, der: Buffer | undefined): readonly RawExtension[] {
  return der === undefined ? [] : [{ oid, critical, der }];
}

function writeExtension({ oid, critical, der }: RawExtension): Buffer {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctetString(der));
}

function writeBasicConstraints({ isCa, pathLength }: NonNullable<CertificateForm['basicConstraints']>): Buffer {
  return writeSequence(...(isCa ? [writeBoolean(true)] : []), ...(pathLength === undefined ? [] : [writeInteger(pathLength)]));
}

function writeKeyUsage(bits: readonly number[]): Buffer {
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return writeDer(0x03, Buffer.of(7 - Math.max(...bits), byte));
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1').update(spkiOf(key)).digest();
}

function spkiOf(key: KeyObject): Buffer {
  const known = spkis.get(key);
  if (known !== undefined) return known;
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  spkis.set(key, spki);
  return spki;
}

const spkis = new WeakMap<KeyObject, Buffer>();
