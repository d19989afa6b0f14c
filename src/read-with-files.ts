import { readOrdinaryFile } from './config/read-ordinary-file.ts';
import type { SettingsInput, SettingsResult } from './config/read-settings.ts';
import { readSettings } from './config/read-settings.ts';
import { deferUpkeep } from './defer-upkeep.ts';
import type { FileContents } from './workers/remember-files.ts';
import { rememberFiles } from './workers/remember-files.ts';

export interface ReadWithFiles {
  readonly read: SettingsResult;
  /** What every file held, so that workers read the very same. */
  readonly files: FileContents;
}

/** Reads a configuration for a process that may have workers build it. */
export function readWithFiles(input: Omit<SettingsInput, 'readFile'>): ReadWithFiles {
  using _ = deferUpkeep('optimizing');
  const { readFile, contents } = rememberFiles(readOrdinaryFile);
  return { read: readSettings({ ...input, readFile }), files: contents };
}
