import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';

/** Where the store lives within the state directory. */
export const storeFile: string = 'store.sqlite';

/**
 * Makes the state directory with mode 0700. One that exists is tightened when nothing but ours is in it; a directory shared
 * with other things keeps its mode (the files in it are private anyway), because closing it could lock others out of it.
 */
export function makeStateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(directory);
    if ((mode & 0o077) !== 0 && uid === process.getuid?.() && readdirSync(directory).every(isOurs)) chmodSync(directory, 0o700);
  } catch (error) {
    throw new Error(
      `Cannot use ${JSON.stringify(directory)} as state_directory: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function isOurs(name: string): boolean {
  return name.startsWith(storeFile) || name === 'secrets.json';
}
