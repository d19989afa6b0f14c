import type { RawExtension } from '../../src/certificate/issue-certificate.ts';
import { writeDer, writeExplicit, writeOid, writeSequence, writeSet } from '../../src/certificate/write-der.ts';

/** The name constraints extension; each subtree is a GeneralName in DER. */
export function nameConstraints(permitted: readonly Buffer[], excluded: readonly Buffer[] = []): RawExtension {
  return { oid: '2.5.29.30', critical: true, der: writeSequence(...subtrees(0, permitted), ...subtrees(1, excluded)) };
}

function subtrees(tag: number, bases: readonly Buffer[]): readonly Buffer[] {
  return bases.length === 0 ? [] : [writeExplicit(tag, Buffer.concat(bases.map((base) => writeSequence(base))))];
}

export const general = {
  email: (text: string): Buffer => writeDer(0x81, Buffer.from(text)),
  dns: (text: string): Buffer => writeDer(0x82, Buffer.from(text)),
  uri: (text: string): Buffer => writeDer(0x86, Buffer.from(text)),
  ip: (...bytes: readonly number[]): Buffer => writeDer(0x87, Buffer.from(bytes)),
  organization: (text: string): Buffer => {
    const attribute = writeSequence(writeOid('2.5.4.10'), writeDer(0x13, Buffer.from(text)));
    return writeExplicit(4, writeSequence(writeSet(attribute)));
  },
};
