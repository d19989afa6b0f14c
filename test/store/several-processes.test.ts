import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';

const source = new URL('../../src/store/sqlite-store.ts', import.meta.url).href;

/** Opens a store that is not there yet, at the same time as others do, and writes to it as fast as it can. */
const program = `
  const { openSqliteStore } = await import(${JSON.stringify(source)});
  const [directory, name] = process.argv.slice(-2);
  const store = openSqliteStore({ directory, now: () => 0 });
  let won = 0;
  for (let count = 0; count < 200; count += 1) {
    await store.put(name + '/' + count, Buffer.from(name), 10);
    if (await store.add('once/' + count, Buffer.from(name), 10)) won += 1;
    if (count % 10 === 0) await store.remove(name + '/' + count);
  }
  await store.put('won/' + name, Buffer.from(String(won)), 10);
  await store[Symbol.asyncDispose]();
`;

describe('openSqliteStore() in three processes at once', { timeout: 60_000 }, () => {
  it('loses nothing that any of them wrote, and lets one alone do what is to happen once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-processes-'));
    const names = ['a', 'b', 'c'];
    const children = names.map((name) =>
      spawn(process.execPath, ['--input-type=module', '--eval', program, directory, name], { stdio: ['ignore', 'inherit', 'inherit'] }),
    );
    const ends = await Promise.all(children.map((child) => once(child, 'close')));
    assert.deepEqual(
      ends.map(([status]) => status as unknown),
      [0, 0, 0],
    );
    await using store = openSqliteStore({ directory, now: () => 0 });
    const counts = await Promise.all(['a/', 'b/', 'c/', 'once/'].map((prefix) => store.count(prefix)));
    const won = await Promise.all(names.map(async (name) => Number(Buffer.from((await store.get(`won/${name}`)) ?? []).toString())));
    await rm(directory, { recursive: true });
    assert.deepEqual([counts, won.reduce((sum, count) => sum + count, 0)], [[180, 180, 180, 200], 200]);
  });
});
