import type { LeafFacts } from '../../certificate/verdict.ts';
import type { SettingPath } from '../../config/problem.ts';
import type { Parsed } from '../parsed.ts';
import { collectParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue, listNames } from '../plain-data.ts';
import type { OperandReader } from '../string-matcher.ts';
import { parseStringMatcher } from '../string-matcher.ts';
import type { NamedAuthorities } from './criterion-kind.ts';

/** A leaf, and the keys of the authorities that it was proven to lead to: none for a leaf that was not judged valid. */
export interface JudgedLeaf {
  readonly leaf: LeafFacts;
  readonly anchorKeys: readonly string[];
}

/** One key of a `client_certificate`, compiled. */
export interface LeafKey {
  readonly holds: (certificate: JudgedLeaf) => boolean;
  /** What it is compared with. */
  readonly look: (certificate: JudgedLeaf) => string | readonly string[];
}

type LeafKeyReader = (data: unknown, path: SettingPath, authorities: NamedAuthorities) => Parsed<LeafKey>;

/** Every key that asks something of the leaf. */
export const leafKeyReaders: Readonly<Record<string, LeafKeyReader>> = {
  fingerprint: (data, path) => oneOf(data, path, parseFingerprint, ({ leaf }) => leaf.fingerprint),
  spki_hash: (data, path) => oneOf(data, path, parseSpkiHash, ({ leaf }) => leaf.spkiHash),
  san_email: someOf((leaf) => leaf.sanEmail),
  san_dns: someOf((leaf) => leaf.sanDns),
  san_uri: someOf((leaf) => leaf.sanUri),
  san_upn: someOf((leaf) => leaf.sanUpn),
  subject: someOf((leaf) => [leaf.subject]),
  common_name: someOf((leaf) => leaf.commonNames),
  organizational_unit: someOf((leaf) => leaf.organizationalUnits),
  serial: someOf((leaf) => [leaf.serial], readSerial),
  policy_oid: someOf((leaf) => leaf.policyOids),
  issuer: someOf((leaf) => [leaf.issuer]),
  ca: (data, path, authorities) =>
    matchSome(data, path, { values: (certificate) => namesOf(certificate, authorities), read: readAuthorityName(authorities) }),
};

function oneOf(
  data: unknown,
  path: SettingPath,
  parse: (text: unknown, path: SettingPath) => Parsed<string>,
  read: (certificate: JudgedLeaf) => string,
): Parsed<LeafKey> {
  if (Array.isArray(data) && data.length === 0) return refused(path, 'the list is empty; write at least one value');
  const values = Array.isArray(data)
    ? collectParsed(data.map((element: unknown, index) => parse(element, [...path, index])))
    : mapParsed(parse(data, path), (value) => [value]);
  return mapParsed(values, (all) => {
    const allowed = new Set(all);
    return { holds: (certificate) => allowed.has(read(certificate)), look: read };
  });
}

function someOf(values: (leaf: LeafFacts) => readonly string[], read: OperandReader = parsed): LeafKeyReader {
  return (data, path) => matchSome(data, path, { values: ({ leaf }) => values(leaf), read });
}

interface Values {
  readonly values: (certificate: JudgedLeaf) => readonly string[];
  readonly read: OperandReader;
}

/** As in Pomerium each operator may be satisfied by another value, and `not: x` holds as soon as one other value exists. */
function matchSome(data: unknown, path: SettingPath, { values, read }: Values): Parsed<LeafKey> {
  return mapParsed(parseStringMatcher(data, path, read), (checks) => ({
    holds: (certificate) => {
      const found = values(certificate);
      return checks.every(({ holds }) => found.some(holds));
    },
    look: values,
  }));
}

function parseFingerprint(text: unknown, path: SettingPath): Parsed<string> {
  if (typeof text === 'string') {
    if (/^[0-9a-f]{64}$/.test(text)) return parsed(text);
    if (/^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/.test(text)) return parsed(text.replaceAll(':', '').toLowerCase());
  }
  const shape = 'write SHA-256 as 64 lower-case hex digits, or as 32 upper-case pairs joined by ":"';
  return refused(path, `cannot read fingerprint ${describeValue(text)}; ${shape}`);
}

function parseSpkiHash(text: unknown, path: SettingPath): Parsed<string> {
  if (typeof text === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(text)) {
    // The last digit before the padding has two bits to spare; only the canonical spelling equals what is computed.
    return parsed(Buffer.from(text, 'base64').toString('base64'));
  }
  return refused(
    path,
    `cannot read spki_hash ${describeValue(text)}; write the standard base64 of the SHA-256 of the public key (44 characters)`,
  );
}

// These compare with the value as a whole, so that there is one right spelling of what stands behind them.
const wholeValueOperators: ReadonlySet<string> = new Set(['is', 'not', 'in', 'not_in']);

/**
 * Serial numbers are written with colons, in either case, with zeros before them and without. Another spelling than the one
 * compared with would never match, and a denial of a lost certificate would deny nothing.
 */
function readSerial(text: string, path: SettingPath, operator: string): Parsed<string> {
  const digits = text.replaceAll(':', '').toUpperCase();
  if (!/^[0-9A-F]+$/.test(digits)) return refused(path, `cannot read serial ${describeValue(text)}; write hex digits such as "0A1B2C"`);
  if (!wholeValueOperators.has(operator)) return parsed(digits);
  const shortest = digits.replace(/^0+/, '');
  return parsed(shortest.padStart(Math.max(2, shortest.length + (shortest.length % 2)), '0'));
}

/** A name that no authority has would never match, and under `not` always. */
function readAuthorityName(authorities: NamedAuthorities): OperandReader {
  return (name, path, operator) => {
    if (!wholeValueOperators.has(operator) || authorities.has(name)) return parsed(name);
    const cure =
      authorities.size === 0 ? 'name authorities in client_certificate_authorities' : `write one of ${listNames([...authorities.keys()])}`;
    return refused(path, `unknown certificate authority ${describeValue(name)}; ${cure}`);
  };
}

/** By key and never by name: whoever makes an authority writes any name into it. */
function namesOf({ anchorKeys }: JudgedLeaf, authorities: NamedAuthorities): readonly string[] {
  return [...authorities].filter(([, keys]) => keys.some((key) => anchorKeys.includes(key))).map(([name]) => name);
}
