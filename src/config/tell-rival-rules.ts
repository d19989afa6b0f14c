import type { CertificateIdentitySettings } from './certificate-identity-settings.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';
import type { Settings } from './settings.ts';

/**
 * A rule gives out user ids that begin with its name. Two of one name that look at other certificates, or at something else in them, would give
 * one id to two people, each on a route of its own.
 */
export function tellRivalRules(
  reading: Reading,
  { certificateIdentities, routes }: Pick<Settings, 'certificateIdentities' | 'routes'>,
): void {
  const lists = new Set([certificateIdentities, ...routes.map((route) => route.certificateIdentities)]);
  const first = new Map<string, CertificateIdentitySettings>();
  for (const rule of [...lists].flat()) {
    const known = first.get(rule.name);
    if (known === undefined) first.set(rule.name, rule);
    else if (meaningOf(known) !== meaningOf(rule)) tellRival(reading, rule, known);
  }
}

/** What a value of the rule stands for; groups and names are beside it. */
function meaningOf({ ca, from, match, to, sameUsersAsProvider }: CertificateIdentitySettings): string {
  return JSON.stringify([ca?.text, from, match?.pattern, to, sameUsersAsProvider]);
}

function tellRival(reading: Reading, { path, name }: CertificateIdentitySettings, { path: other }: CertificateIdentitySettings): void {
  const message = `${writePath(path)} has the name "${name}" of ${writePath(other)}${reading.mention(other)} and means others by it: user ids begin with it, so one id would be two people's; write another name`;
  reading.error(path, message, { code: 'conflicting-keys' });
}
