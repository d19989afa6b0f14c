import type { KeyObject } from 'node:crypto';
import { X509Certificate, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  writeBitString,
  writeBoolean,
  writeContextPrimitive,
  writeDer,
  writeExplicit,
  writeInteger,
  writeOctetString,
  writeOid,
  writeSequence,
  writeSet,
  writeTime,
} from '../../../src/certificate/write-der.ts';

/** An attribute of a name with its string type: the DER tag and the bytes. */
export interface RawAttribute {
  readonly type: string;
  readonly tag: number;
  readonly bytes: Buffer;
}

export interface RawNames {
  /** In certificate order; each entry is one RDN. */
  readonly subject: readonly (readonly RawAttribute[])[];
  readonly alternativeNames: readonly { readonly kind: 'dns' | 'email' | 'uri' | 'ip'; readonly bytes: Buffer }[];
  readonly serial?: bigint;
}

/** Any name, byte for byte, and so also those that no library would write. */
export function rawCertificate(names: RawNames, issuer: RawIssuer = someIssuer, isCa = false): X509Certificate {
  const extensions = [
    ...(isCa ? [extension('2.5.29.19', writeSequence(writeBoolean(true)))] : []),
    ...(names.alternativeNames.length === 0 ? [] : [extension('2.5.29.17', alternativeNames(names))]),
  ];
  const tbs = writeSequence(
    writeExplicit(0, writeInteger(2)),
    writeInteger(names.serial ?? 0x1234n),
    ecdsaWithSha256,
    nameDer(issuer.subject),
    writeSequence(writeTime(new Date('2024-01-02T03:04:05Z')), writeTime(new Date('2044-01-02T03:04:05Z'))),
    nameDer(names.subject),
    createPublicKey(holder.privateKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [writeExplicit(3, writeSequence(...extensions))]),
  );
  const signature = sign('sha256', tbs, issuer.key);
  return new X509Certificate(writeSequence(tbs, ecdsaWithSha256, writeBitString(signature)));
}

export interface RawIssuer {
  readonly subject: RawNames['subject'];
  readonly key: KeyObject;
}

export function utf8(type: string, text: string): RawAttribute {
  return { type, tag: 0x0c, bytes: Buffer.from(text, 'utf8') };
}

// One key for all: what is tested here is names.
const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Whom the certificates without another issuer are of; they all have its key. */
export const someIssuer: RawIssuer = {
  subject: [[utf8('2.5.4.10', 'Łódź; "Acme", = Co')], [utf8('2.5.4.3', 'Client CA')]],
  key: holder.privateKey,
};

const ecdsaWithSha256 = writeSequence(writeOid('1.2.840.10045.4.3.2'));
const tags = { email: 1, dns: 2, uri: 6, ip: 7 };

function nameDer(rdns: RawNames['subject']): Buffer {
  return writeSequence(
    ...rdns.map((rdn) => writeSet(...rdn.map(({ type, tag, bytes }) => writeSequence(writeOid(type), writeDer(tag, bytes))))),
  );
}

function alternativeNames({ alternativeNames: names }: RawNames): Buffer {
  return writeSequence(...names.map(({ kind, bytes }) => writeContextPrimitive(tags[kind], bytes)));
}

function extension(oid: string, value: Buffer): Buffer {
  return writeSequence(writeOid(oid), writeOctetString(value));
}
