import type { SettingPath } from '../config/problem.ts';
import type { Parsed } from './parsed.ts';
import { bothParsed, chainParsed, parsed, refused } from './parsed.ts';
import type { PlainObject } from './plain-data.ts';

export interface Bounds {
  readonly after: number | undefined;
  readonly before: number | undefined;
}

/** `after` and `before`, of which at least one is there. */
export function parseBounds(
  data: PlainObject,
  path: SettingPath,
  parse: (written: unknown, path: SettingPath) => Parsed<number>,
): Parsed<Bounds> {
  if (data['after'] === undefined && data['before'] === undefined)
    return refused(path, 'neither "after" nor "before" is there; write one of them or both');
  const bound = (key: string): Parsed<number | undefined> =>
    data[key] === undefined ? parsed(undefined) : parse(data[key], [...path, key]);
  return chainParsed(bothParsed(bound('after'), bound('before')), ([after, before]) =>
    // Most likely somebody meant all day, or every day; as a denial it would deny nobody.
    after === before ? refused(path, '"after" and "before" are the same, so there is no time between them') : parsed({ after, before }),
  );
}
