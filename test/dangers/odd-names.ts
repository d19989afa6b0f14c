import type { RawExtension } from '../../src/certificate/issue-certificate.ts';
import { writeDer, writeExplicit, writeOid, writeSequence } from '../../src/certificate/write-der.ts';

/** An extension of alternative names byte for byte, since no library would write what a test wants; texts are Latin-1. */
export function alternativeNames(...names: readonly Buffer[]): { readonly extensions: readonly RawExtension[] } {
  return { extensions: [{ oid: '2.5.29.17', critical: false, der: writeSequence(...names) }] };
}

export const named = {
  email: (text: string): Buffer => writeDer(0x81, Buffer.from(text, 'latin1')),
  dns: (text: string): Buffer => writeDer(0x82, Buffer.from(text, 'latin1')),
  uri: (text: string): Buffer => writeDer(0x86, Buffer.from(text, 'latin1')),
  /** An otherName; the object identifier is that of user principal names unless another one is given. */
  principal: (text: string, oid = '1.3.6.1.4.1.311.20.2.3'): Buffer =>
    writeExplicit(0, Buffer.concat([writeOid(oid), writeExplicit(0, writeDer(0x0c, Buffer.from(text, 'utf8')))])),
};
