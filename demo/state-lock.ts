import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Two demos with one state would write over each other's configuration, and each would take up the other's. */
export class StateIsInUse extends Error {
  constructor(directory: string, options: ErrorOptions) {
    super(
      `Another demo runs with the state in ${directory}: stop that one first, or give this one a state of its own with npm start -- DIRECTORY`,
      options,
    );
  }
}

/**
 * Holds the directory, which has to be there, until disposed of. SQLite asks the system for the lock, and the system lets go of it however
 * the process ends, so nothing stale is ever left behind.
 */
export function lockState(directory: string): Disposable {
  const database = new DatabaseSync(join(directory, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw isBusy(error) ? new StateIsInUse(directory, { cause: error }) : error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
