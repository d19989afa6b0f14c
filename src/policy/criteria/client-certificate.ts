import type { LeafFacts } from '../../certificate/verdict.ts';
import type { SettingPath } from '../../config/problem.ts';
import { suggestName } from '../nearest-name.ts';
import type { Parsed } from '../parsed.ts';
import { collectParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue, isPlainObject } from '../plain-data.ts';
import { parseStringMatcher } from '../string-matcher.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { dependently, whenFacts } from './criterion-kind.ts';
import { describeVerdict } from './describe-verdict.ts';

interface LeafKey {
  readonly holds: (leaf: LeafFacts) => boolean;
  /** What it is compared with. */
  readonly look: (leaf: LeafFacts) => string | readonly string[];
}

interface WrittenKey extends LeafKey {
  readonly key: string;
}

const keyReaders: Readonly<Record<string, (data: unknown, path: SettingPath) => Parsed<LeafKey>>> = {
  fingerprint: (data, path) => oneOf(data, path, parseFingerprint, (leaf) => leaf.fingerprint),
  spki_hash: (data, path) => oneOf(data, path, parseSpkiHash, (leaf) => leaf.spkiHash),
  san_email: (data, path) => someSan(data, path, (leaf) => leaf.sanEmail),
  san_dns: (data, path) => someSan(data, path, (leaf) => leaf.sanDns),
  san_uri: (data, path) => someSan(data, path, (leaf) => leaf.sanUri),
};

export const certificateKeys: readonly string[] = Object.keys(keyReaders);

const laterKeys: ReadonlySet<string> = new Set([
  'issuer',
  'ca',
  'subject',
  'common_name',
  'organizational_unit',
  'serial',
  'san_upn',
  'policy_oid',
  'accept_untrusted',
]);

/**
 * `client_certificate`: the leaf matches every key *and* was judged valid for the route. Pomerium looks at the leaf alone, so
 * that under `enforcement: policy` anybody may write the SAN that lets him in.
 */
export const clientCertificateCriterion: CriterionKind = {
  name: 'client_certificate',
  operand: `object: ${certificateKeys.join(', ')}`,
  takesPath: false,
  needsPerson: false,
  whenTrue: ['client-certificate-ok'],
  whenFalse: ['client-certificate-unauthorized'],
  compile: ({ data, path }) =>
    mapParsed(parseKeys(data, path), (keys) =>
      dependently(
        whenFacts(
          ({ certificate }) => certificate.kind === 'valid' && keys.every(({ holds }) => holds(certificate.leaf)),
          'client-certificate-ok',
          'client-certificate-unauthorized',
        ),
        ({ certificate }) => (certificate.kind === 'valid' ? writeKeys(keys, certificate.leaf) : describeVerdict(certificate)),
      ),
    ),
};

function writeKeys(keys: readonly WrittenKey[], leaf: LeafFacts): string {
  return keys.map(({ key, look }) => `${key}: ${[look(leaf)].flat().join(', ') || 'none'}`).join('; ');
}

function parseKeys(data: unknown, path: SettingPath): Parsed<readonly WrittenKey[]> {
  if (!isPlainObject(data)) return refused(path, `"client_certificate" takes an object, found ${describeValue(data)}`);
  const keys = Object.entries(data);
  if (keys.length === 0) return refused(path, `"client_certificate" is empty; write one of ${certificateKeys.join(', ')}`);
  return collectParsed(keys.map(([key, operand]) => mapParsed(parseKey(key, operand, [...path, key]), (leafKey) => ({ ...leafKey, key }))));
}

function parseKey(key: string, operand: unknown, path: SettingPath): Parsed<LeafKey> {
  if (laterKeys.has(key)) return refused(path, `"${key}" of client_certificate is not supported yet`);
  const reader = Object.hasOwn(keyReaders, key) ? keyReaders[key] : undefined;
  if (reader === undefined) return refused(path, `unknown key "${key}" of client_certificate${suggestName(key, certificateKeys)}`);
  return reader(operand, path);
}

function oneOf(
  data: unknown,
  path: SettingPath,
  parse: (text: unknown, path: SettingPath) => Parsed<string>,
  read: (leaf: LeafFacts) => string,
): Parsed<LeafKey> {
  if (Array.isArray(data) && data.length === 0) return refused(path, 'the list is empty; write at least one value');
  const values = Array.isArray(data)
    ? collectParsed(data.map((element: unknown, index) => parse(element, [...path, index])))
    : mapParsed(parse(data, path), (value) => [value]);
  return mapParsed(values, (all) => {
    const allowed = new Set(all);
    return { holds: (leaf) => allowed.has(read(leaf)), look: read };
  });
}

/** As in Pomerium each operator may be satisfied by another SAN, and `not: x` holds as soon as one other SAN exists. */
function someSan(data: unknown, path: SettingPath, read: (leaf: LeafFacts) => readonly string[]): Parsed<LeafKey> {
  return mapParsed(parseStringMatcher(data, path), (checks) => ({
    holds: (leaf) => checks.every(({ holds }) => read(leaf).some(holds)),
    look: read,
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
