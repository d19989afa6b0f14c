import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

/** Something with a name, and where it stands. */
interface Named {
  readonly name: string;
  readonly path: SettingPath;
}

// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const misleading = /[\u0000-\u001f\u007f-\u009f/\u2028\u2029]/;

/** A name that log lines and user ids can carry; undefined, and a problem told, for any other. */
export function readRuleName(reading: Reading, path: SettingPath, text: string | undefined): string | undefined {
  const place = [...path, 'name'];
  if (text === undefined) {
    if (!reading.isRefused(place))
      reading.error(path, `${writePath(place)} is missing: write what log and explain are to call it`, { code: 'missing-key' });
    return undefined;
  }
  if (text.trim() !== '' && text === text.trim() && !misleading.test(text)) return text;
  // With a slash, the value `b/c` of the rule `a` would be the value `c` of the rule `a/b`.
  reading.error(
    place,
    `${writePath(place)} ${quoteValue(text)} is no name: write one without slashes, control characters or spaces around it`,
  );
  return undefined;
}

/** Two entries of one name are one in the log, and in user ids. */
export function tellSameNames(reading: Reading, entries: readonly Named[]): void {
  for (const [index, { name, path }] of entries.entries()) {
    const before = entries.slice(0, index).find((other) => other.name === name);
    if (before === undefined) continue;
    const message = `${writePath([...path, 'name'])} ${quoteValue(name)} is the name of ${writePath(before.path)} as well${reading.mention(before.path)}: give it another`;
    reading.error([...path, 'name'], message, { code: 'conflicting-keys' });
  }
}
