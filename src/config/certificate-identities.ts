import type { CertificateIdentitySettings } from './certificate-identity-settings.ts';
import { readCertificateGroups } from './certificate-groups.ts';
import { readRuleName, tellSameNames } from './certificate-rule-name.ts';
import { certificateValues, identitySources, identityTargets } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawCertificateIdentity } from './raw-certificate-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { fixesDomain, readValuePattern } from './value-pattern.ts';
import { readPem } from './written-text.ts';
import { parseHostname } from '../http/hostname.ts';

/** The rules of one list, in its order. One that can't be read is left out, with a problem told. */
export function readCertificateIdentities(
  reading: Reading,
  path: SettingPath,
  written: readonly RawCertificateIdentity[],
): readonly CertificateIdentitySettings[] {
  const rules = written.flatMap((rule, index) => {
    const place = [...path, index];
    return reading.isRefused(place) ? [] : (readRule(reading, rule, place) ?? []);
  });
  tellSameNames(reading, rules);
  return rules;
}

function readRule(reading: Reading, rule: RawCertificateIdentity, path: SettingPath): CertificateIdentitySettings | undefined {
  const from = readFrom(reading, rule, path);
  if (from === undefined) return undefined;
  return from === 'linked' ? readLinked(reading, rule, path) : readMapping(reading, rule, path, from);
}

function readFrom(
  reading: Reading,
  { from: text }: RawCertificateIdentity,
  path: SettingPath,
): CertificateIdentitySettings['from'] | undefined {
  const place = [...path, 'from'];
  if (text !== undefined) return readChoice(reading, place, { text, words: identitySources });
  if (!reading.isRefused(place))
    reading.error(path, `${writePath(place)} is missing: write what of the certificate says who it is, like san_email`, {
      code: 'missing-key',
    });
  return undefined;
}

// The account that was linked has its own user id, address, name and groups.
const meaninglessWithLinks = [
  ...(['ca', 'ca_file', 'match', 'to', 'domains', 'same_users_as_provider'] as const),
  ...(['groups_from', 'groups_match', 'allowed_groups', 'name_from'] as const),
];

function readLinked(reading: Reading, rule: RawCertificateIdentity, path: SettingPath): CertificateIdentitySettings | undefined {
  for (const key of meaninglessWithLinks) {
    const place = [...path, key];
    if (rule[key] !== undefined)
      reading.error(place, `${writePath(place)} means nothing beside from: linked, which takes the account as it is`, {
        code: 'conflicting-keys',
        part: 'key',
      });
  }
  const name = readRuleName(reading, path, rule.name ?? 'linked');
  if (name === undefined) return undefined;
  return {
    name,
    path,
    ca: undefined,
    from: 'linked',
    match: undefined,
    to: 'user',
    domains: [],
    sameUsersAsProvider: true,
    groups: { kind: 'fixed', groups: rule.groups ?? [] },
    nameFrom: undefined,
  };
}

function readMapping(
  reading: Reading,
  rule: RawCertificateIdentity,
  path: SettingPath,
  from: CertificateIdentitySettings['from'],
): CertificateIdentitySettings | undefined {
  const name = readRuleName(reading, path, rule.name);
  const match = readValuePattern(reading, [...path, 'match'], rule.match);
  const to = rule.to === undefined ? 'user' : readChoice(reading, [...path, 'to'], { text: rule.to, words: identityTargets });
  const domains = readDomains(reading, rule, path);
  if (to !== undefined) tellDomains(reading, rule, path, to);
  const groups = readCertificateGroups(reading, rule, path);
  const nameFrom =
    rule.name_from === undefined
      ? undefined
      : readChoice(reading, [...path, 'name_from'], { text: rule.name_from, words: certificateValues });
  const ca = readPem(reading, { path: [...path, 'ca'], inline: rule.ca, file: rule.ca_file });
  if (name === undefined || to === undefined || groups === undefined) return undefined;
  return { name, path, ca, from, match, to, domains, sameUsersAsProvider: rule.same_users_as_provider ?? false, groups, nameFrom };
}

function readDomains(reading: Reading, { domains = [] }: RawCertificateIdentity, path: SettingPath): readonly string[] {
  return domains.flatMap((text, index) => {
    const place = [...path, 'domains', index];
    const domain = text.includes(':') || text.includes('[') || text.endsWith('.') ? undefined : parseHostname(text);
    if (domain === undefined)
      reading.error(place, `${writePath(place)} ${quoteValue(text)} is no domain: write what stands behind the @, like corp.example`);
    return domain ?? [];
  });
}

/** Without its domain an address means nothing: a CA that may name its own department would name the administrators of another. */
function tellDomains(reading: Reading, rule: RawCertificateIdentity, path: SettingPath, to: CertificateIdentitySettings['to']): void {
  const place = [...path, 'domains'];
  if (to === 'user') {
    if (rule.domains !== undefined)
      reading.error(place, `${writePath(place)} means nothing without to: email`, { code: 'conflicting-keys', part: 'key' });
    return;
  }
  if (rule.domains !== undefined && rule.domains.length > 0) return;
  if (reading.isRefused(place) || reading.isRefused([...path, 'match'])) return;
  if (rule.domains === undefined && rule.match !== undefined && fixesDomain(rule.match)) return;
  const why =
    rule.match === undefined ? '' : `, because the match ${quoteValue(rule.match)} does not end in @ and a domain with escaped dots`;
  const message = `${writePath(place)} ${rule.domains === undefined ? 'is missing' : 'is empty'}: to: email needs the domains that addresses of this rule may have${why}`;
  reading.error(rule.domains === undefined ? [...path, 'to'] : place, message, { code: 'missing-key' });
}
