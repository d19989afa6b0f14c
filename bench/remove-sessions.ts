import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readConfiguration } from '../src/read-configuration.ts';
import { storeFile } from '../src/store/state-directory.ts';
import type { PosternProgram } from './candidates/postern-program.ts';

/**
 * Takes every session out of the store of a Postern that runs, in one statement and without a word to it: whoever is let in afterwards is let
 * in by what the process remembers.
 */
export async function removeSessions({ configFile }: PosternProgram): Promise<void> {
  const read = await readConfiguration({ file: configFile, environment: undefined }, Date.now);
  if (!read.ok) throw new Error(`Cannot read the configuration again: ${read.problems[0]?.message}`);
  const database = new DatabaseSync(join(read.document.settings.stateDirectory ?? '', storeFile), { timeout: 5_000 });
  database.exec("DELETE FROM record WHERE key >= 'session/' AND key < 'session0'");
  database.close();
}
