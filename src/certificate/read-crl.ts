import { createHash } from 'node:crypto';
import { readCrlExtensions } from './crl-extensions.ts';
import type { SignedBytes } from './crl-signature.ts';
import { readDistinguishedName, canonicalName, writeDistinguishedName } from './distinguished-name.ts';
import { signatureWeakness } from './key-strength.ts';
import type { RawExtension } from './issue-certificate.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readOid, readSmallInteger } from './read-der.ts';
import { readExtensions } from './read-extensions.ts';
import type { RevokedSerials } from './serial-table.ts';
import { readRevokedSerials } from './revoked-serials.ts';
import { readTime } from './read-time.ts';

/** A revocation list (RFC 5280 section 5) that speaks for every certificate of its issuer. */
export interface Crl {
  /** SHA-256 of the DER, lower hex. */
  readonly sha256: string;
  /** RFC 4514. */
  readonly issuer: string;
  readonly issuerCanonical: string;
  /** How it names the key that signed it, lower hex; undefined when it names none. */
  readonly issuerKeyId: string | undefined;
  readonly number: bigint | undefined;
  /** Milliseconds since 1970; both ends belong to the time in which the list counts. */
  readonly thisUpdate: number;
  /** Infinity when the list names none. */
  readonly nextUpdate: number;
  /** Whether the list speaks of no authorities. Never so for one that was read from a file. */
  readonly onlyUserCertificates: boolean;
  /** As `serialKey` of a certificate's facts. */
  readonly serials: RevokedSerials;
}

/** `signed` are views into the DER: let go of them once the signature is checked. */
export interface UnverifiedCrl {
  readonly crl: Crl;
  readonly signed: SignedBytes;
}

/**
 * Reads one list, or tells why it can't be used, continuing "block 1 of 2 …". A list that covers less than all certificates of
 * its issuer would let the others pass unseen, so it is refused. The signature is not checked here.
 */
export function readCrl(der: Buffer): UnverifiedCrl | string {
  const frame = readCrlFrame(der);
  if (typeof frame === 'string') return frame;
  const serials = frame.readSerials();
  return typeof serials === 'string' ? serials : { crl: { ...frame.frame, serials }, signed: frame.signed };
}

/** A list without its entries, so that the signature can be checked before anything is spent on them. */
export interface UnreadCrl {
  readonly frame: Omit<Crl, 'serials'>;
  readonly signed: SignedBytes;
  /** Why the entries can't be used, continuing "block 1 of 2 …", or their numbers. */
  readSerials(): RevokedSerials | string;
}

/** As `readCrl`, up to the entries. `url` is where the list was fetched from: one for that distribution point can be used then. */
export function readCrlFrame(der: Buffer, url?: string): UnreadCrl | string {
  return orMalformed(() => readList(der, url));
}

function orMalformed<T>(read: () => T | string): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedDer) return `cannot be read as a revocation list (${error.message}): write it anew`;
    throw error;
  }
}

/** One entry of a list, as it was written. */
export interface RevokedCertificate {
  /** The bytes of the serial number: a certificate's `serialKey` as Latin-1. */
  readonly serial: Buffer;
  readonly at: Date;
  readonly extensions?: readonly RawExtension[];
}

/**
 * The entries of a list that `readCrl` could read, whole, for whoever continues it; or why they can't be continued. What only revokes is not
 * asked for its dates, so here is the first look at them.
 */
export function readEntries(der: Buffer): readonly RevokedCertificate[] | string {
  try {
    const [tbs] = readChildren(readDer(der));
    const { entries } = readFields(expectTag(tbs, 0x30));
    return entries === undefined ? [] : readChildren(entries).map(readEntry);
  } catch (error) {
    if (error instanceof MalformedDer) return `it has an entry that cannot be written again (${error.message})`;
    throw error;
  }
}

function readEntry(entry: DerValue): RevokedCertificate {
  const [serial, date, extensions] = readChildren(entry);
  const more = extensions === undefined ? [] : [...readExtensions(extensions)];
  return {
    serial: expectTag(serial, 0x02).contents,
    at: new Date(readTime(date)),
    extensions: more.map(([oid, { critical, value }]) => ({ oid, critical, der: value })),
  };
}

function readList(der: Buffer, url: string | undefined): UnreadCrl | string {
  const [tbs, algorithm, signature, ...more] = readChildren(expectTag(readDer(der), 0x30));
  if (more.length > 0) throw new MalformedDer('more than a list and its signature');
  const fields = readFields(expectTag(tbs, 0x30));
  // What is inside is signed and what is outside is what readers use: they may not disagree (RFC 5280 section 5.1.1.2).
  if (!expectTag(algorithm, 0x30).raw.equals(expectTag(fields.algorithm, 0x30).raw)) throw new MalformedDer('two signature algorithms');
  const [oid, parameters] = readChildren(expectTag(algorithm, 0x30));
  const weakness = signatureWeakness(readOid(oid), parameters);
  if (weakness !== undefined) return `is ${weakness}: let the authority sign it with SHA-256 or better`;
  const extensions = readCrlExtensions(fields.extensions, url);
  if (typeof extensions === 'string') return extensions;
  const issuer = readDistinguishedName(fields.issuer);
  return {
    frame: {
      sha256: createHash('sha256').update(der).digest('hex'),
      issuer: writeDistinguishedName(issuer),
      issuerCanonical: canonicalName(issuer).join(','),
      ...extensions,
      thisUpdate: readTime(fields.thisUpdate),
      nextUpdate: fields.nextUpdate === undefined ? Infinity : readTime(fields.nextUpdate),
    },
    signed: { bytes: expectTag(tbs, 0x30).raw, algorithm: readOid(oid), parameters, signature: readBits(signature) },
    readSerials: () => orMalformed(() => readRevokedSerials(fields.entries, fields.version)),
  };
}

interface CrlFields {
  readonly version: 1 | 2;
  readonly algorithm: DerValue | undefined;
  readonly issuer: DerValue | undefined;
  readonly thisUpdate: DerValue | undefined;
  readonly nextUpdate: DerValue | undefined;
  readonly entries: DerValue | undefined;
  readonly extensions: DerValue | undefined;
}

function readFields(tbs: DerValue): CrlFields {
  const fields = [...readChildren(tbs)];
  const take = (...tags: readonly number[]): DerValue | undefined => (tags.includes(fields[0]?.tag ?? 0) ? fields.shift() : undefined);
  const written = take(0x02);
  // `openssl ca -gencrl` writes version 1 unless it is told otherwise; it has no extensions and leaves the version out.
  if (written !== undefined && readSmallInteger(written) !== 1) throw new MalformedDer('a version that is not known');
  const [algorithm, issuer, thisUpdate] = fields.splice(0, 3);
  const [nextUpdate, entries, extensions] = [take(0x17, 0x18), take(0x30), take(0xa0)];
  if (fields.length > 0) throw new MalformedDer('a field that is not known');
  const version = written === undefined ? 1 : 2;
  if (version === 1 && extensions !== undefined) throw new MalformedDer('extensions in a list of version 1');
  return { version, algorithm, issuer, thisUpdate, nextUpdate, entries, extensions };
}

function readBits(value: DerValue | undefined): Buffer {
  const { contents } = expectTag(value, 0x03);
  if (contents[0] !== 0) throw new MalformedDer('a signature that is no whole number of bytes');
  return contents.subarray(1);
}
