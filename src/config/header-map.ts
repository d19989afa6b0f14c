import { isFieldValue, normalisedName } from '../http/header-list.ts';
import type { SettingPath } from './problem.ts';
import type { Reading } from './reading.ts';

export interface HeaderMapRules {
  readonly path: SettingPath;
  /** Why a header may not be set; undefined when it may. */
  readonly refuseName: (name: string) => string | undefined;
  /** How a problem names an entry, which may hold a secret. */
  readonly writeEntry: (path: SettingPath) => string;
}

/** The entries of a map of headers that may be set; a problem is told of each other one, and no value is quoted. */
export function readHeaderMap(
  reading: Reading,
  written: Readonly<Record<string, string>>,
  { path, refuseName, writeEntry }: HeaderMapRules,
): readonly (readonly [name: string, value: string])[] {
  const seen = new Set<string>();
  return Object.entries(written).filter(([name, value]) => {
    const place = [...path, name];
    const normal = normalisedName(name);
    const nameRefusal = refuseName(name) ?? (seen.has(normal) ? 'the header is written twice in different spellings' : undefined);
    const refusal = nameRefusal ?? refuseValue(value);
    seen.add(normal);
    if (refusal !== undefined)
      reading.error(place, `${writeEntry(place)}: ${refusal}`, { part: nameRefusal === undefined ? 'value' : 'key' });
    return refusal === undefined;
  });
}

function refuseValue(value: string): string | undefined {
  if (!isFieldValue(value)) return 'the value holds a character that no header can carry, a line break perhaps';
  return value === value.trim() ? undefined : 'the value begins or ends with white space, which no header can carry';
}
