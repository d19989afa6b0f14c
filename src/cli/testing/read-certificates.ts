import { isIP } from 'node:net';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import type { Reading } from '../../config/reading.ts';
import { parseAskedTime } from '../asked-request.ts';
import { readCertificateBlocks } from '../read-certificate-blocks.ts';
import type { Authorities } from './authorities.ts';
import { parseSubject } from './parse-subject.ts';
import type { Leaf } from './read-leaf.ts';
import { readEntries, readFlag, readKeys, readText, readTexts, readWhole, readWord, refuseName } from './read-leaf.ts';
import type { CertificateChoice, CertificateNames, SyntheticCertificate } from './synthetic-certificate.ts';

/** What `certificate` says when none is presented. */
export const noCertificate = 'none';

/** Of a synthetic certificate; a real one has `file` and nothing else. */
export const certificateKeys: readonly string[] = [
  'ca',
  'self_signed',
  'subject',
  'san_dns',
  'san_email',
  'san_uri',
  'san_ip',
  'san_upn',
  'expired',
  'not_yet_valid',
  'not_before',
  'not_after',
  'serial',
  'purpose',
  'intermediates',
];

/** The certificates of a test file by the names that tests call them; undefined for those of which a problem was told. */
export function readCertificates(
  reading: Reading,
  leaf: Leaf | undefined,
  authorities: Authorities,
): ReadonlyMap<string, CertificateChoice | undefined> {
  const certificates = new Map<string, CertificateChoice | undefined>();
  if (leaf === undefined) return certificates;
  for (const [name, described] of readEntries(reading, leaf) ?? []) {
    if (name === noCertificate)
      reading.error(described.path, `"${noCertificate}" stands for no certificate: choose another name`, { part: 'key' });
    certificates.set(name, readCertificate(reading, described, authorities));
  }
  return certificates;
}

/** A file with a real certificate, or a map that describes a synthetic one. */
export function readCertificate(reading: Reading, leaf: Leaf, authorities: Authorities): CertificateChoice | undefined {
  if (typeof leaf.value === 'string') return readCertificateFile(reading, leaf, leaf.value);
  const revoked = readEntries(reading, leaf)?.get('revoked');
  if (revoked !== undefined) {
    const cure = 'a revocation list knows only certificates that were really issued, so give one of those: file: NAME.pem';
    reading.error(revoked.path, `${writePath(revoked.path)} cannot be made up: ${cure}`, { part: 'key' });
    return undefined;
  }
  const entries = readKeys(reading, leaf, ['file', ...certificateKeys]);
  if (entries === undefined) return undefined;
  const file = entries.get('file');
  if (file === undefined) return readSynthetic(reading, leaf, { entries, authorities });
  if (entries.size > 1) {
    reading.error(file.path, `${writePath(file.path)} names a real certificate, which is as it is: remove the other keys`, {
      code: 'conflicting-keys',
    });
    return undefined;
  }
  const name = readText(reading, file);
  return name === undefined ? undefined : readCertificateFile(reading, file, name);
}

/** PEM, the leaf first; no private key is needed, because nobody shakes hands. */
export function readCertificateFile(reading: Reading, { path }: Leaf, name: string): CertificateChoice | undefined {
  const text = reading.readNamedFile(path, name);
  const certificates = text === undefined ? undefined : readCertificateBlocks(text);
  if (typeof certificates !== 'string') return certificates === undefined ? undefined : { kind: 'real', certificates };
  reading.error(path, `Cannot read certificates from ${quoteValue(name)}: ${certificates}`, { code: 'unreadable-file' });
  return undefined;
}

interface Described {
  readonly entries: ReadonlyMap<string, Leaf>;
  readonly authorities: Authorities;
}

function readSynthetic(reading: Reading, leaf: Leaf, { entries, authorities }: Described): CertificateChoice | undefined {
  const read = <T>(key: string, reader: (reading: Reading, leaf: Leaf) => T | undefined): T | undefined => {
    const entry = entries.get(key);
    return entry === undefined ? undefined : reader(reading, entry);
  };
  const authority = readAuthority(reading, leaf, { entries, authorities });
  const validity = readValidity(reading, entries);
  return authority === undefined
    ? undefined
    : {
        kind: 'synthetic',
        authority: authority === 'itself' ? undefined : authority,
        subject: read('subject', readSubject) ?? [['CN', String(leaf.path.at(-1))]],
        names: readNames(reading, entries),
        ...validity,
        serial: read('serial', readSerial),
        purpose: read('purpose', (_, purpose) => readWord(reading, purpose, ['client', 'server'])) ?? 'client',
        intermediates: read('intermediates', (_, count) => readWhole(reading, count, { least: 0, most: 10 })) ?? 0,
      };
}

function readAuthority(reading: Reading, leaf: Leaf, { entries, authorities }: Described): SyntheticCertificate['authority'] | 'itself' {
  const own = entries.get('self_signed');
  const named = entries.get('ca');
  const isItself = own !== undefined && readFlag(reading, own) === true;
  if (isItself && named !== undefined) {
    reading.error(named.path, `${writePath(named.path)} signs nothing, because self_signed is set: keep one of them`, {
      code: 'conflicting-keys',
    });
    return undefined;
  }
  if (isItself) return 'itself';
  const name = named === undefined ? undefined : readText(reading, named);
  if (named !== undefined && name === undefined) return undefined;
  const found = name === undefined ? authorities.only : authorities.find(name);
  if (found !== undefined) return found;
  const { path } = named ?? leaf;
  if (authorities.names.length === 0)
    reading.error(path, `${writePath(path)} has no authority: the configuration names no client CA, so only self_signed: true is possible`);
  else if (named !== undefined && name !== undefined) refuseName(reading, named, { text: name, known: authorities.names });
  else
    reading.error(path, `${writePath(path)} has no ca: write ca with a CA file of the configuration`, { code: 'missing-key', part: 'key' });
  return undefined;
}

function readSubject(reading: Reading, leaf: Leaf): SyntheticCertificate['subject'] | undefined {
  const text = readText(reading, leaf);
  const subject = text === undefined ? undefined : parseSubject(text);
  if (text !== undefined && subject === undefined)
    reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no name: write a common name, or CN=alice,OU=Sales,O=Corp`);
  return subject;
}

/** IA5String (RFC 5280 section 4.2.1.6): other characters have no place in a certificate. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

function readNames(reading: Reading, entries: ReadonlyMap<string, Leaf>): CertificateNames {
  const texts = (key: string, isGood: (text: string) => boolean, wanted: string): readonly string[] => {
    const entry = entries.get(key);
    const read = entry === undefined ? [] : (readTexts(reading, entry) ?? []);
    for (const text of read)
      if (entry !== undefined && !isGood(text)) reading.error(entry.path, `${writePath(entry.path)} ${quoteValue(text)} must be ${wanted}`);
    return read.filter(isGood);
  };
  return {
    dns: texts('san_dns', isAscii, 'a host name in ASCII'),
    email: texts('san_email', isAscii, 'an address in ASCII'),
    uri: texts('san_uri', isAscii, 'a URI in ASCII'),
    ip: texts('san_ip', (text) => isIP(text) !== 0 && !text.includes('%'), 'an IP address'),
    upn: texts('san_upn', (text) => text !== '', 'a user principal name'),
  };
}

// The first and the last time that a certificate can carry, or nearly so: before and after whatever `at` a test has.
const longAgo = 1000;
const neverYet = Date.UTC(9999, 0);

function readValidity(reading: Reading, entries: ReadonlyMap<string, Leaf>): Pick<SyntheticCertificate, 'notBefore' | 'notAfter'> {
  const isSet = (key: string): boolean => {
    const flag = entries.get(key);
    return flag !== undefined && readFlag(reading, flag) === true;
  };
  const time = (key: string): number | undefined => {
    const entry = entries.get(key);
    return entry === undefined ? undefined : readTime(reading, entry);
  };
  const [expired, early] = [isSet('expired'), isSet('not_yet_valid')];
  return {
    notBefore: early ? neverYet : (time('not_before') ?? (expired ? 0 : undefined)),
    notAfter: expired ? longAgo : time('not_after'),
  };
}

export function readTime(reading: Reading, leaf: Leaf): number | undefined {
  const text = readText(reading, leaf);
  const time = text === undefined ? undefined : parseAskedTime(text);
  if (text !== undefined && time === undefined)
    reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no time: write ISO 8601, 2026-11-21T09:00:00Z`);
  return time;
}

function readSerial(reading: Reading, leaf: Leaf): string | undefined {
  const text = readText(reading, leaf);
  if (text === undefined) return undefined;
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{1,40}$/.test(hex) && /[1-9a-f]/.test(hex)) return hex.length % 2 === 0 ? hex : `0${hex}`;
  reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no serial number: write up to 20 bytes in hex`);
  return undefined;
}
