import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';

/** Warns of a setting that changes nothing; `reason` ends the sentence `… has no effect`: `beside redirect`. */
export function tellNoEffect(reading: Reading, path: SettingPath, reason: string): void {
  reading.warning(path, `${writePath(path)} has no effect ${reason}`, 'no-effect');
}
