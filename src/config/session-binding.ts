import type { SessionBindingMode } from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

/** `off`: written, and as if nothing were bound; undefined: not written, or not to be read. */
export type WrittenBinding = SessionBindingMode | 'off';

/** `bind_session_to_certificate`. From the environment a truth value comes as a text. */
export function readSessionBinding(reading: Reading, path: SettingPath, written: boolean | string | undefined): WrittenBinding | undefined {
  if (written === undefined) return undefined;
  const mode = modes.get(String(written).toLowerCase());
  if (mode === undefined)
    reading.error(path, `${writePath(path)} ${quoteValue(written)} is not known: write true, spki, identity or false`);
  return mode;
}

const modes = new Map<string, WrittenBinding>([
  ['true', 'certificate'],
  ['spki', 'spki'],
  ['identity', 'identity'],
  ['false', 'off'],
]);
