import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readCaBundle } from '../certificate/ca-bundle.ts';
import { certificateFacts } from '../certificate/certificate-facts.ts';
import { readCrlBundle } from '../certificate/crl-bundle.ts';
import type { Issued } from '../certificate/issue-certificate.ts';
import { issueCrl } from '../certificate/issue-crl.ts';
import type { RevokedCertificate } from '../certificate/read-crl.ts';
import { readEntries } from '../certificate/read-crl.ts';
import { readPem } from '../certificate/read-pem.ts';

export interface NextList {
  readonly ca: Issued;
  /** Where the list before may be; it is continued unless `force` says to begin anew. */
  readonly file: string;
  readonly force: boolean;
  /** Files of certificates, or serial numbers in hex. */
  readonly operands: readonly string[];
  readonly number: bigint | undefined;
  readonly from: Date;
  readonly to: Date;
  readonly now: Date;
}

export interface RevocationList {
  readonly pem: string;
  readonly number: bigint;
  readonly entries: number;
  readonly to: Date;
}

/** What was revoked before stays so, with its date, and the number goes up; or why there can be no such list. */
export async function nextRevocationList(asked: NextList): Promise<RevocationList | string> {
  const { ca, file, force, from, to, now } = asked;
  if (certificateFacts(ca.certificate)?.keyUsage?.crlSign === false)
    return 'Cannot make a revocation list: the authority may not sign any (key usage without cRLSign)';
  const before = force ? nothing : await readBefore(file, ca, now);
  if (typeof before === 'string') return before;
  const number = asked.number ?? before.number + 1n;
  if (number <= before.number && before !== nothing)
    return `Cannot give the list number ${number}: "${file}" has number ${before.number}, and of two lists the higher one counts`;
  const revoked = new Map(before.entries.map((entry) => [entry.serial.toString('hex'), entry]));
  for (const operand of asked.operands) {
    const serial = await readSerial(operand, ca);
    if (typeof serial === 'string') return serial;
    const key = serial.toString('hex');
    if (!revoked.has(key)) revoked.set(key, { serial, at: now });
  }
  return { pem: issueCrl(ca, { number, from, to, revoked: [...revoked.values()] }), number, entries: revoked.size, to };
}

interface ListBefore {
  readonly number: bigint;
  readonly entries: readonly RevokedCertificate[];
}

const nothing: ListBefore = { number: 0n, entries: [] };

async function readBefore(file: string, ca: Issued, now: Date): Promise<ListBefore | string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return nothing;
  const cannot = (problem: string): string => `Cannot continue "${file}": ${problem}; add --force to begin a new list in its place`;
  const authority = readCaBundle({ text: ca.certificatePem, label: 'ca.pem', path: [] }, now.getTime());
  if (!authority.ok) return authority.message;
  const read = readCrlBundle({ text, label: file, path: [] }, [authority.bundle], now.getTime());
  if (!read.ok) return cannot(read.message);
  const [list, ...others] = read.crls.lists;
  const [block, ...blocks] = readPem(text);
  if (list === undefined || others.length + blocks.length > 0) return cannot('expected one list of this authority');
  const entries = readEntries(block?.der ?? Buffer.alloc(0));
  return typeof entries === 'string' ? cannot(entries) : { number: list.number ?? 0n, entries };
}

/** The bytes of a serial number as DER writes it: shortest form, and never negative. */
async function readSerial(operand: string, ca: Issued): Promise<Buffer | string> {
  const hex = operand.replaceAll(':', '');
  if (/^[0-9a-f]{1,40}$/i.test(hex)) return serialBytes(hex);
  const certificate = parseCertificate(await readFile(operand, 'utf8'));
  const facts = certificate === undefined ? undefined : certificateFacts(certificate);
  if (certificate === undefined || facts === undefined)
    return `Cannot revoke "${operand}": expected a certificate in PEM, or a serial number in hex`;
  if (certificate.raw.equals(ca.certificate.raw)) return `Cannot revoke "${operand}": it is the authority itself`;
  if (!certificate.checkIssued(ca.certificate) || !certificate.verify(ca.certificate.publicKey))
    return `Cannot revoke "${operand}": it was not issued by this authority`;
  return Buffer.from(facts.serialKey, 'latin1');
}

function serialBytes(hex: string): Buffer {
  const digits = hex.replace(/^0+(?=.)/, '');
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // Whatever OpenSSL says about the file, the answer to the operator is what was expected in it.
    return undefined;
  }
}
