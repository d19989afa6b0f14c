import { subjectAltNameTypes } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawDownstreamMtls } from './raw-settings.ts';
import { either } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { SubjectAltNamePattern } from './downstream-mtls-settings.ts';

const top: SettingPath = ['downstream_mtls', 'match_subject_alt_names'];

/** Reads a list of maps with one key each. An entry that can't be read is an error: left out, it would let in more certificates. */
export function readSubjectAltNames(
  reading: Reading,
  written: RawDownstreamMtls['match_subject_alt_names'],
): readonly SubjectAltNamePattern[] {
  if (written?.length === 0) {
    const message = `${writePath(top)} is an empty list: write patterns, or leave the key out to take every name`;
    reading.error(top, message);
  }
  return (written ?? []).flatMap((entry, index) => readEntry(reading, entry, [...top, index]) ?? []);
}

function readEntry(reading: Reading, entry: Readonly<Record<string, string>>, path: SettingPath): SubjectAltNamePattern | undefined {
  const [pair, ...more] = Object.entries(entry);
  const advice = `write one key, ${either(subjectAltNameTypes)}, and an expression`;
  if (pair === undefined || more.length > 0) {
    if (!reading.isRefused(path))
      reading.error(path, `${writePath(path)} has ${more.length + (pair === undefined ? 0 : 1)} keys: ${advice}`);
    return undefined;
  }
  const [name, pattern] = pair;
  const type = subjectAltNameTypes.find((word) => word === name.toLowerCase());
  const place = [...path, name];
  if (type === undefined) {
    reading.error(place, `${writePath(path)}: ${quoteValue(name)} is no kind of name: ${advice}`, { part: 'key' });
    return undefined;
  }
  // The empty expression matches the empty name alone, which no certificate has.
  if (pattern === '') {
    reading.error(place, `${writePath(place)} is empty: write an RE2 expression for the whole name`, { code: 'invalid-expression' });
    return undefined;
  }
  return { type, pattern, place };
}
