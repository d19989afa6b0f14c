import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';

/** Two keys that mean something only together. */
export interface PairedKeys {
  readonly first: WrittenKey;
  readonly second: WrittenKey;
}

interface WrittenKey {
  readonly path: SettingPath;
  readonly text: string | undefined;
}

/** Both texts; undefined when neither is written, or only one, and then a problem is told. */
export function readPair(reading: Reading, { first, second }: PairedKeys): readonly [first: string, second: string] | undefined {
  if (first.text !== undefined && second.text !== undefined) return [first.text, second.text];
  if (first.text !== undefined) tellHalf(reading, first.path, second.path);
  if (second.text !== undefined) tellHalf(reading, second.path, first.path);
  return undefined;
}

/** A key that was refused because of its shape is not missing. */
function tellHalf(reading: Reading, present: SettingPath, absent: SettingPath): void {
  if (reading.isRefused(absent)) return;
  reading.error(present, `${writePath(present)} means nothing without ${String(absent.at(-1))}: write both, or neither`, {
    code: 'missing-key',
    part: 'key',
  });
}
