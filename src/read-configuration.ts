import type { SettingsInput, SettingsResult } from './config/read-settings.ts';
import { readSettings } from './config/read-settings.ts';
import { lookingServices } from './looking-services.ts';
import { findProblems } from './build-snapshot.ts';

/**
 * Reads settings. Where they are refused, what could be understood of them is compiled all the same and thrown away, so that a
 * misspelt key does not hide a broken policy or certificate: all problems are told at once. `now` in milliseconds since 1970.
 * `alreadyRead`: what `readSettings` said a moment ago.
 */
export async function readConfiguration(input: SettingsInput, now: () => number, alreadyRead?: SettingsResult): Promise<SettingsResult> {
  const read = alreadyRead ?? readSettings(input);
  if (read.ok || read.understood === undefined) return read;
  const found = await findProblems(read.understood, await lookingServices(now));
  return { ...read, problems: [...read.problems, ...found] };
}
