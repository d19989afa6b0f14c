import type { CertificateGroups } from './certificate-identity-settings.ts';
import { groupSources } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawCertificateIdentity } from './raw-certificate-settings.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { readValuePattern } from './value-pattern.ts';

/** The groups that a rule gives out: always the same, or what the certificate names of those allowed. */
export function readCertificateGroups(reading: Reading, rule: RawCertificateIdentity, path: SettingPath): CertificateGroups | undefined {
  const { groups, groups_from: source, allowed_groups: allowed = [] } = rule;
  const match = readValuePattern(reading, [...path, 'groups_match'], rule.groups_match);
  if (source === undefined) {
    tellWithoutSource(reading, rule, path);
    return { kind: 'fixed', groups: groups ?? [] };
  }
  if (groups !== undefined) tellBothKinds(reading, path);
  tellUnlimited(reading, rule, path);
  const from = readChoice(reading, [...path, 'groups_from'], { text: source, words: groupSources });
  return from === undefined ? undefined : { kind: 'from', from, match, allowed };
}

function tellWithoutSource(reading: Reading, rule: RawCertificateIdentity, path: SettingPath): void {
  if (reading.isRefused([...path, 'groups_from'])) return;
  for (const key of ['groups_match', 'allowed_groups'] as const) {
    const place = [...path, key];
    if (rule[key] === undefined) continue;
    reading.error(place, `${writePath(place)} means nothing without groups_from`, { code: 'missing-key', part: 'key' });
  }
}

function tellBothKinds(reading: Reading, path: SettingPath): void {
  const place = [...path, 'groups_from'];
  const message = `${writePath([...path, 'groups'])} and ${writePath(place)} are both set: keep one of them`;
  reading.error(place, message, { code: 'conflicting-keys' });
}

/** What a CA writes into a certificate would otherwise be any group at all, that of the administrators included. */
function tellUnlimited(reading: Reading, { allowed_groups: allowed }: RawCertificateIdentity, path: SettingPath): void {
  const place = [...path, 'allowed_groups'];
  if ((allowed !== undefined && allowed.length > 0) || reading.isRefused(place)) return;
  const message = `${writePath(place)} ${allowed === undefined ? 'is missing' : 'is empty'}: groups_from needs the groups that it may give out`;
  reading.error(allowed === undefined ? [...path, 'groups_from'] : place, message, { code: 'missing-key' });
}
