import type { FixedIdentitySettings } from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawFixedIdentity } from './raw-certificate-settings.ts';
import type { Reading } from './reading.ts';

// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** `anonymous_identity` or `default_identity`, taken literally; undefined, and a problem told, where nobody is named. */
export function readFixedIdentity(
  reading: Reading,
  path: SettingPath,
  written: RawFixedIdentity | undefined,
): FixedIdentitySettings | undefined {
  if (written === undefined) return undefined;
  const { user, email, name, groups = [] } = written;
  if (user === undefined && !reading.isRefused([...path, 'user']))
    reading.error(path, `${writePath([...path, 'user'])} is missing: write the user id of whoever is meant`, { code: 'missing-key' });
  const texts: readonly (readonly [SettingPath, string | undefined])[] = [
    [[...path, 'user'], user],
    [[...path, 'email'], email],
    [[...path, 'name'], name],
    ...groups.map((group, index) => [[...path, 'groups', index], group] as const),
  ];
  for (const [place, text] of texts) tellUnusable(reading, place, text);
  return user === undefined ? undefined : { user, email, name, groups };
}

/** They go into headers and log lines. */
function tellUnusable(reading: Reading, place: SettingPath, text: string | undefined): void {
  if (text === undefined || (text.trim() !== '' && !control.test(text))) return;
  reading.error(place, `${writePath(place)} ${quoteValue(text)} is empty or holds control characters: write something that can be read`);
}
