import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { describeStore } from './store-contract.ts';

const root = mkdtempSync(path.join(tmpdir(), 'postern-store-'));
let made = 0;
// As in the source: `Pstn` read as a number.
const applicationId = 0x50_73_74_6e;
after(() => rmSync(root, { recursive: true, force: true }));

function freshDirectory(): string {
  made += 1;
  return path.join(root, `state-${made}`);
}

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

function refuses(prepare: (file: string) => void, pattern: RegExp): void {
  const directory = freshDirectory();
  mkdirSync(directory);
  const file = path.join(directory, 'store.sqlite');
  prepare(file);
  assert.throws(
    () => openSqliteStore({ directory, now: () => 0 }),
    (error: unknown) => error instanceof Error && error.message.includes(JSON.stringify(file)) && pattern.test(error.message),
  );
}

describeStore('openSqliteStore()', (now) => openSqliteStore({ directory: freshDirectory(), now }));

describe('openSqliteStore() and its files', () => {
  it('keeps records over a restart', async () => {
    const directory = freshDirectory();
    {
      await using store = openSqliteStore({ directory, now: () => 0 });
      await store.put('a', new Uint8Array([7]), 10);
    }
    await using store = openSqliteStore({ directory, now: () => 9 });
    assert.deepEqual([...((await store.get('a')) ?? [])], [7]);
  });

  it('lets nobody else read the directory or any file in it', async () => {
    const directory = freshDirectory();
    await using store = openSqliteStore({ directory, now: () => 0 });
    await store.put('a', new Uint8Array(), 10);
    const modes = readdirSync(directory).map((name) => modeOf(path.join(directory, name)));
    assert.deepEqual([modeOf(directory), [...new Set(modes)]], ['700', ['600']]);
  });

  it('closes an existing directory of its own, but not one that holds other things', async () => {
    const own = freshDirectory();
    const shared = freshDirectory();
    for (const directory of [own, shared]) {
      mkdirSync(directory);
      chmodSync(directory, 0o755);
    }
    writeFileSync(path.join(shared, 'other'), '');
    await using first = openSqliteStore({ directory: own, now: () => 0 });
    await using second = openSqliteStore({ directory: shared, now: () => 0 });
    assert.deepEqual([await first.count(''), await second.count(''), modeOf(own), modeOf(shared)], [0, 0, '700', '755']);
  });

  it('adds a key once among two processes that share the file', async () => {
    const directory = freshDirectory();
    await using one = openSqliteStore({ directory, now: () => 0 });
    await using two = openSqliteStore({ directory, now: () => 0 });
    assert.deepEqual([await one.add('a', new Uint8Array(), 10), await two.add('a', new Uint8Array(), 10)], [true, false]);
  });

  it('sweeps expired records once a minute', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const directory = freshDirectory();
    let now = 0;
    await using store = openSqliteStore({ directory, now: () => now });
    await store.put('gone', new Uint8Array(), 10);
    await store.put('kept', new Uint8Array(), 1_000_000);
    now = 10;
    t.mock.timers.tick(60_000);
    const database = new DatabaseSync(path.join(directory, 'store.sqlite'));
    const keys = database.prepare('SELECT key FROM record').all();
    database.close();
    assert.deepEqual(
      keys.map((row) => row['key']),
      ['kept'],
    );
  });
});

describe('openSqliteStore() with a file that another process has locked', () => {
  it('lets others go on while it waits, and writes once it can', async () => {
    const directory = freshDirectory();
    await using store = openSqliteStore({ directory, now: () => 0 });
    await store.put('a', new Uint8Array([1]), 10);
    const other = lock(directory);
    const writing = store.put('a', new Uint8Array([2]), 10);
    assert.deepEqual([...((await store.get('a')) ?? [])], [1]);
    other.close();
    await writing;
    assert.deepEqual([...((await store.get('a')) ?? [])], [2]);
  });

  it('waits at the start for whoever makes it at the same moment', async () => {
    const directory = freshDirectory();
    mkdirSync(directory, { mode: 0o700 });
    const other = new Worker(
      `const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(require('node:worker_threads').workerData);
      database.exec('BEGIN IMMEDIATE');
      require('node:worker_threads').parentPort.postMessage('locked');
      setTimeout(() => database.close(), 200);`,
      { eval: true, workerData: path.join(directory, 'store.sqlite') },
    );
    await once(other, 'message');
    await using store = openSqliteStore({ directory, now: () => 0 });
    assert.equal(await store.add('a', new Uint8Array(), 10), true);
    await once(other, 'exit');
  });

  it('says so when that takes too long, and has changed nothing', async () => {
    const directory = freshDirectory();
    await using store = openSqliteStore({ directory, now: () => 0 });
    using other = lock(directory);
    await assert.rejects(store.add('a', new Uint8Array(), 10), /Cannot write the store ".*store\.sqlite": database is locked/);
    other.close();
    assert.deepEqual([await store.get('a'), await store.add('a', new Uint8Array(), 10)], [undefined, true]);
  });

  it('does not advise to move it away', async () => {
    const directory = freshDirectory();
    await openSqliteStore({ directory, now: () => 0 })[Symbol.asyncDispose]();
    using other = lock(directory);
    assert.throws(
      () => openSqliteStore({ directory, now: () => 0 }),
      /Cannot use the store ".*store\.sqlite": database is locked; another process has had it locked for two seconds, end that one$/,
    );
    other.close();
  });
});

function lock(directory: string): Disposable & { close(): void } {
  const database = new DatabaseSync(path.join(directory, 'store.sqlite'));
  database.exec('BEGIN EXCLUSIVE');
  const close = (): void => void (database.isOpen && database.close());
  return { close, [Symbol.dispose]: close };
}

describe('openSqliteStore() with a file it cannot use', () => {
  it('names a file that is no database', () =>
    refuses((file) => writeFileSync(file, 'not a database'.repeat(100)), /file is not a database/));

  it('names a database of another program', () =>
    refuses((file) => {
      const database = new DatabaseSync(file);
      database.exec('CREATE TABLE other (x)');
      database.close();
    }, /database of another program/));

  it('names a store of a newer version', () =>
    refuses((file) => {
      const database = new DatabaseSync(file);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 9`);
      database.close();
    }, /schema version 9, this program knows version 1/));

  it('names a damaged store', () =>
    refuses((file) => {
      const database = new DatabaseSync(file);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1; CREATE TABLE record (key TEXT)`);
      database.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) INSERT INTO record SELECT hex(randomblob(50)) FROM n`,
      );
      database.close();
      const bytes = Buffer.alloc(8192, 0xff);
      writeFileSync(file, bytes, { flag: 'r+', flush: true });
    }, /Cannot use the store/));

  it('names a file that is a directory, which nobody is told to move', () => refuses((file) => mkdirSync(file), /: EISDIR[^;]*$/));

  it('names a state directory that is a file', () => {
    const directory = freshDirectory();
    writeFileSync(directory, '');
    assert.throws(() => openSqliteStore({ directory, now: () => 0 }), new RegExp(`Cannot use "${directory}" as state_directory`));
  });

  it('names the file when it breaks while it is in use', async () => {
    const directory = freshDirectory();
    const store = openSqliteStore({ directory, now: () => 0 });
    await store[Symbol.asyncDispose]();
    await assert.rejects(store.get('a'), /Cannot read the store ".*store\.sqlite": /);
  });
});
