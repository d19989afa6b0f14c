import { createPrivateKey, sign } from 'node:crypto';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { CrlOptions } from '../../src/certificate/issue-crl.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';
import type { Issued, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { writeBitString, writeDer, writeOid, writeSequence, writeTime } from '../../src/certificate/write-der.ts';
import { at } from './frozen-times.ts';

const day = 86_400_000;
export const yesterday: Date = new Date(at - day);
export const tomorrow: Date = new Date(at + day);

/** A list of `ca` from yesterday until tomorrow that revokes `revoked`, unless the options say otherwise. */
export function listOf(ca: Issued, revoked: readonly Issued[], options: Partial<CrlOptions> = {}): string {
  const entries = revoked.map((leaf) => ({ serial: serialOf(leaf), at: yesterday }));
  return issueCrl(ca, { number: 1n, from: yesterday, to: tomorrow, revoked: entries, ...options });
}

export function serialOf({ certificate }: Issued): Buffer {
  return Buffer.from(certificateFacts(certificate)?.serialKey ?? '', 'latin1');
}

export function extension(oid: string, der: Buffer, critical = true): RawExtension {
  return { oid, critical, der };
}

/** A reason code as an entry has it. */
export function reason(code: number): RawExtension {
  return extension('2.5.29.21', writeDer(0x0a, Buffer.of(code)), false);
}

/** What `openssl ca -gencrl` writes by itself: version 1, without any extension. `more` comes last in each entry. */
export function versionOne(ca: Issued, revoked: readonly Issued[], more: readonly Buffer[] = []): string {
  const entries = revoked.map((leaf) => writeSequence(writeDer(0x02, serialOf(leaf)), writeTime(yesterday), ...more));
  return signedList(ca, [...listFields(ca), ...(entries.length === 0 ? [] : [writeSequence(...entries)])]);
}

/** Algorithm, name, and the dates from yesterday until tomorrow: all that a list needs. */
export function listFields(ca: Issued): readonly Buffer[] {
  return [ecdsa, certificateFacts(ca.certificate)?.subjectRaw ?? Buffer.alloc(0), writeTime(yesterday), writeTime(tomorrow)];
}

/** The fields signed with ECDSA and SHA-256, whatever they are; `outer` is the algorithm that stands beside the signature. */
export function signedList(ca: Issued, fields: readonly Buffer[], outer: Buffer = ecdsa): string {
  const list = writeSequence(...fields);
  const signature = sign('SHA-256', list, createPrivateKey(ca.keyPem));
  return pemOf(writeSequence(list, outer, writeBitString(signature)));
}

const ecdsa = writeSequence(writeOid('1.2.840.10045.4.3.2'));

export function pemOf(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
}

export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
