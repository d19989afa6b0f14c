import type { KeyObject } from 'node:crypto';
import { X509Certificate, generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import type { Issued } from './issue-certificate.ts';
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
} from './write-der.ts';

const hourMs = 3_600_000;
const commonName = 'Postern, no certificate for this name';

/**
 * What a listener answers with where no configured certificate fits: self-signed, so that every client refuses or warns, and
 * valid from an hour before `at` for ten years, so that no restart is ever due because of it. Every start makes one; the library
 * that makes certificates of all kinds takes longer to load than the rest of the start together.
 */
export function selfSignedFallback(dnsNames: readonly string[], at: number): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = writeSequence(writeOid('1.2.840.10045.4.3.2'));
  const name = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), writeDer(0x0c, Buffer.from(commonName)))));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // RFC 5280 section 4.1.
  const contents = writeSequence(
    writeExplicit(0, writeInteger(2)),
    writeDer(0x02, serialNumber()),
    algorithm,
    name,
    writeSequence(writeTime(new Date(at - hourMs)), writeTime(new Date(at + 3650 * 24 * hourMs))),
    name,
    spki,
    writeExplicit(3, writeSequence(...extensionsOf(publicKey, dnsNames))),
  );
  const certificate = new X509Certificate(writeSequence(contents, algorithm, writeBitString(sign('SHA-256', contents, privateKey))));
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certificatePem: certificate.toString(), keyPem, certificate };
}

/** No authority, for the handshake of a server alone. */
function extensionsOf(publicKey: KeyObject, dnsNames: readonly string[]): readonly Buffer[] {
  const names = dnsNames.map((name) => writeContextPrimitive(2, Buffer.from(name, 'latin1')));
  const keyId = hash('sha1', publicKey.export({ type: 'spki', format: 'der' }), 'buffer');
  return [
    writeExtension('2.5.29.19', true, writeSequence()),
    // A BIT STRING of one bit: digitalSignature.
    writeExtension('2.5.29.15', true, writeDer(0x03, Buffer.of(7, 0x80))),
    writeExtension('2.5.29.37', false, writeSequence(writeOid('1.3.6.1.5.5.7.3.1'))),
    ...(names.length === 0 ? [] : [writeExtension('2.5.29.17', false, writeSequence(...names))]),
    writeExtension('2.5.29.14', false, writeOctetString(keyId)),
    writeExtension('2.5.29.35', false, writeSequence(writeContextPrimitive(0, keyId))),
  ];
}

function writeExtension(oid: string, critical: boolean, value: Buffer): Buffer {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctetString(value));
}

/** 16 random bytes with the top bits fixed: positive, and never shortened. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}
