import { chmodSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { UnknownDatabase, isLocked, messageOf, unusableStore } from './sqlite-faults.ts';
import { makeStateDirectory, storeFile } from './state-directory.ts';
import type { Store } from './store.ts';

export interface SqliteStoreOptions {
  /** Absolute; made with mode 0700 when absent. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

// Marks the file as ours, so that a database of another program that was named by mistake is refused, not filled.
const applicationId = 0x50_73_74_6e;
const schemaVersion = 1;
const schema = `
  CREATE TABLE record (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE INDEX record_expires_at ON record (expires_at);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;
const sweepEveryMs = 60_000;
// One batch keeps the event loop for a few milliseconds at most; what is left over waits for the next turn.
const sweepBatch = 1_000;
// SQLite waits on the thread that answers everybody: that long at the start, and not at all afterwards.
const openPatienceMs = 2_000;
const walRetryMs = 2;
// While another process has the file locked, between the tries of whoever needs it: a second and a half in all.
const retryAfterMs: readonly number[] = [2, 5, 10, 20, 40, 80, 150, 250, 400, 500];

/** Records that survive a restart, in `store.sqlite` of the directory. Throws an error that names the file when it can't be used. */
export function openSqliteStore({ directory, now }: SqliteStoreOptions): Store {
  makeStateDirectory(directory);
  const file = path.join(directory, storeFile);
  return new SqliteStore(openDatabase(file), file, now);
}

function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // Made before SQLite sees it: it would use the mode of the umask, and its side files copy the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    database = new DatabaseSync(file, { timeout: openPatienceMs });
    keepWriteAheadLog(database);
    database.exec('PRAGMA synchronous = NORMAL');
    prepareSchema(database);
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (error) {
    database?.close();
    throw unusableStore(file, error);
  }
}

/** SQLite does not wait for its turn at this one: of several processes that begin with a new file, all but one would fail. */
function keepWriteAheadLog(database: DatabaseSync): void {
  const until = performance.now() + openPatienceMs;
  for (;;) {
    try {
      return database.exec('PRAGMA journal_mode = WAL');
    } catch (error) {
      if (!isLocked(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, walRetryMs);
    }
  }
}

function prepareSchema(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  const version = readPragma(database, 'user_version');
  const application = readPragma(database, 'application_id');
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_master').get()?.['count'];
  if (version === 0 && application === 0 && tables === 0) database.exec(schema);
  else if (application !== applicationId) throw new UnknownDatabase('it is a database of another program');
  else if (version !== schemaVersion)
    throw new UnknownDatabase(`it has schema version ${String(version)}, this program knows version ${schemaVersion}`);
  database.exec('COMMIT');
  const check = readPragma(database, 'quick_check');
  if (check !== 'ok') throw new UnknownDatabase(`it is damaged: ${String(check)}`);
}

function readPragma(database: DatabaseSync, name: string): SQLOutputValue | undefined {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

/** SQLite answers at once, but for a file that is locked: then only those wait who need it. */
class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #now: () => number;
  readonly #sweep: NodeJS.Timeout;
  readonly #statements: Readonly<Record<'get' | 'put' | 'add' | 'replace' | 'remove' | 'count' | 'keys' | 'sweep', StatementSync>>;

  constructor(database: DatabaseSync, file: string, now: () => number) {
    this.#database = database;
    this.#file = file;
    this.#now = now;
    this.#statements = {
      get: database.prepare('SELECT value FROM record WHERE key = ? AND expires_at > ?'),
      put: database.prepare(
        'INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at',
      ),
      // One statement, so that of two processes that add the same key exactly one succeeds.
      add: database.prepare(
        'INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE record.expires_at <= ?',
      ),
      replace: database.prepare('UPDATE record SET value = ?, expires_at = ? WHERE key = ? AND value = ? AND expires_at > ?'),
      remove: database.prepare('DELETE FROM record WHERE key = ? RETURNING expires_at'),
      count: database.prepare(
        'SELECT count(*) AS count FROM record WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 AND expires_at > ?2',
      ),
      // Bounded above by the last character there is, so that the index ends where the prefix does and not at the end of the table.
      keys: database.prepare(
        'SELECT key FROM record WHERE key BETWEEN ?1 AND ?1 || char(1114111) AND substr(key, 1, length(?1)) = ?1 AND expires_at > ?2',
      ),
      sweep: database.prepare(
        `DELETE FROM record WHERE key IN (SELECT key FROM record WHERE expires_at <= ? ORDER BY expires_at LIMIT ${sweepBatch})`,
      ),
    };
    this.#sweep = setInterval(() => this.#removeExpired(), sweepEveryMs).unref();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#run('read', () => this.#statements.get.get(key, this.#now())?.['value']);
    return value instanceof Uint8Array ? value : undefined;
  }

  async put(key: string, value: Uint8Array, expiresAt: number): Promise<void> {
    await this.#run('write', () => this.#statements.put.run(key, value, Math.floor(expiresAt)));
  }

  async add(key: string, value: Uint8Array, expiresAt: number): Promise<boolean> {
    const { changes } = await this.#run('write', () => this.#statements.add.run(key, value, Math.floor(expiresAt), this.#now()));
    return Number(changes) === 1;
  }

  async replace(key: string, from: Uint8Array, value: Uint8Array, expiresAt: number): Promise<boolean> {
    const { changes } = await this.#run('write', () => this.#statements.replace.run(value, Math.floor(expiresAt), key, from, this.#now()));
    return Number(changes) === 1;
  }

  async remove(key: string): Promise<boolean> {
    const expiresAt = await this.#run('write', () => this.#statements.remove.get(key)?.['expires_at']);
    return typeof expiresAt === 'number' && expiresAt > this.#now();
  }

  async count(prefix: string): Promise<number> {
    return Number((await this.#run('read', () => this.#statements.count.get(prefix, this.#now())?.['count'])) ?? 0);
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const rows = await this.#run('read', () => this.#statements.keys.all(prefix, this.#now()));
    return rows.map(({ key }) => String(key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    if (this.#database.isOpen) this.#database.close();
  }

  #removeExpired(): void {
    try {
      this.#statements.sweep.run(this.#now());
    } catch {
      // Nobody waits for a sweep and expired records are never handed out: the next turn tries again, and a store that is
      // really broken says so to the first request that needs it.
    }
  }

  async #run<T>(verb: 'read' | 'write', statement: () => T): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return statement();
      } catch (error) {
        const wait = retryAfterMs[tries];
        if (wait === undefined || !isLocked(error))
          throw new Error(`Cannot ${verb} the store ${JSON.stringify(this.#file)}: ${messageOf(error)}`, { cause: error });
        await sleep(wait);
      }
    }
  }
}
