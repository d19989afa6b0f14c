// Result codes of SQLite; what stands above the lowest byte says more of the same (https://www.sqlite.org/rescode.html).
const codes = { busy: 5, corrupt: 11, full: 13, notADatabase: 26 };

/** A file that holds something else than a store of this program, or half of one. */
export class UnknownDatabase extends Error {}

/** Another process holds a lock that it is going to let go of. */
export function isLocked(error: unknown): boolean {
  return codeOf(error) === codes.busy;
}

/** Why the store can't be opened, and what somebody may do about it: moving it away ends every session, so only where nothing else helps. */
export function unusableStore(file: string, error: unknown): Error {
  return new Error(`Cannot use the store ${JSON.stringify(file)}: ${messageOf(error)}${cureOf(error)}`, { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function cureOf(error: unknown): string {
  const code = codeOf(error);
  if (code === codes.busy) return '; another process has had it locked for two seconds, end that one';
  if (code === codes.full) return '; make room on its disk';
  const isLost = error instanceof UnknownDatabase || code === codes.corrupt || code === codes.notADatabase;
  return isLost ? '; move the file away to begin with an empty store' : '';
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
