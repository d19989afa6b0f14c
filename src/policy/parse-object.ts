import type { SettingPath } from '../config/problem.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { bothParsed, collectParsed, mapParsed, refused, refusedKey } from './parsed.ts';
import type { PlainObject } from './plain-data.ts';
import { describeValue, isPlainObject } from './plain-data.ts';

export interface ObjectShape {
  readonly criterion: string;
  readonly keys: readonly string[];
  readonly example: string;
}

/** The data of a criterion, an object of certain keys. Keys that nobody knows are told together with what `read` finds wrong. */
export function parseObject<T>(
  data: unknown,
  path: SettingPath,
  { criterion, keys, example }: ObjectShape,
  read: (object: PlainObject) => Parsed<T>,
): Parsed<T> {
  if (!isPlainObject(data)) return refused(path, `"${criterion}" takes an object such as ${example}, found ${describeValue(data)}`);
  const unknown = Object.keys(data).filter((key) => !keys.includes(key));
  const problems = unknown.map((key) => refusedKey([...path, key], `unknown key "${key}" of ${criterion}${suggestName(key, keys)}`));
  return mapParsed(bothParsed(collectParsed(problems), read(data)), ([, value]) => value);
}
