import { createCipheriv, createPrivateKey, sign } from 'node:crypto';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import {
  writeBitString,
  writeDer,
  writeExplicit,
  writeInteger,
  writeOctetString,
  writeOid,
  writeSequence,
  writeTime,
} from '../../src/certificate/write-der.ts';
import { tomorrow, yesterday } from './written-crl.ts';

/** A revocation list in DER, of `entries` entries as authorities write them: 16 bytes of a number, a date, and for most a reason. */
export function longList(ca: Issued, entries: number): Buffer {
  const sequence = writeSequence(
    writeInteger(1),
    ecdsa,
    subjectOf(ca),
    writeTime(yesterday),
    writeTime(tomorrow),
    writeEntries(entries),
    numbered,
  );
  return writeSequence(sequence, ecdsa, writeBitString(sign('SHA-256', sequence, createPrivateKey(ca.keyPem))));
}

/** The numbers of the entries, nothing about which is regular, and which are the same at every run. */
export function serialAt(index: number): Buffer {
  return serialsFrom(index, 1);
}

/** 16 bytes each: what a cipher makes of a counter. */
function serialsFrom(first: number, count: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeUInt32BE(first, 12);
  const serials = createCipheriv('aes-128-ctr', Buffer.alloc(16), counter).update(Buffer.alloc(count * 16));
  // Above zero, and not longer than needed.
  for (let at = 0; at < serials.length; at += 16) serials[at] = ((serials[at] ?? 0) & 0x3f) | 0x40;
  return serials;
}

const ecdsa = writeSequence(writeOid('1.2.840.10045.4.3.2'));
const numbered = writeExplicit(0, writeSequence(writeSequence(writeOid('2.5.29.20'), writeOctetString(writeInteger(7)))));

function subjectOf({ certificate }: Issued): Buffer {
  return certificateFacts(certificate)?.subjectRaw ?? Buffer.alloc(0);
}

/** Each entry is a copy of one that differs in its number and its reason. Through the writer that is there for a list of a few it would take minutes. */
function writeEntries(entries: number): Buffer {
  const reason = writeSequence(writeOid('2.5.29.21'), writeOctetString(writeDer(0x0a, Buffer.of(1))));
  const kinds = [[], [writeSequence(reason)]].map((more) => writeSequence(writeDer(0x02, serialAt(0)), writeTime(yesterday), ...more));
  const serials = serialsFrom(0, entries);
  const all = Buffer.allocUnsafe(entries * 64);
  let end = 0;
  for (let index = 0; index < entries; index += 1) {
    const entry = kinds[index % 4 === 0 ? 0 : 1] ?? Buffer.alloc(0);
    entry.copy(all, end);
    serials.copy(all, end + 4, index * 16, index * 16 + 16);
    end += entry.length;
    if (index % 4 !== 0) all[end - 1] = 1 + (index % 5);
  }
  return writeDer(0x30, all.subarray(0, end));
}
