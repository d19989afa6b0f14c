import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { drainMs } from '../../src/cli/run.ts';
import { openedOnce } from '../../src/reload.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { ask, openHouse } from '../walk/house.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const page = read('docs/operations.md');

const now = (): number => Date.UTC(2026, 5, 1);

/** What the guide of the operator says, where nothing else would notice that it is no longer true. */
describe('docs/operations.md', () => {
  it('names the keys that wait for the next start', () => {
    const [, list = ''] = /<!-- keys that need a restart[^>]*-->\n(.*?)<!-- end of keys -->/s.exec(page) ?? [];
    assert.deepEqual(
      [...list.matchAll(/`([a-z_]+)`/g)].map(([, key]) => key),
      Object.keys(openedOnce),
    );
  });

  it('says how long a drain takes', () => {
    assert.match(page, new RegExp(`may end by themselves, for ${drainMs / 1000} seconds`));
  });

  it('tells every field of the line of a request, and no other', async () => {
    await using house = await openHouse({ config: 'routes: []' });
    await ask(house, 'https://app.postern.test/');
    const line = await house.logLine(({ msg }) => msg === 'request');
    const [, table = ''] = /\n\| field of a request \|.*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page) ?? [];
    const told = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, field]) => field ?? ''));
    assert.deepEqual(
      told.toSorted(),
      Object.keys(line)
        .filter((field) => !['level', 'time', 'msg'].includes(field))
        .toSorted(),
    );
  });

  it('has a backup that holds what was just written, which a copy of the file does not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-backup-'));
    const [live, backup, copy] = ['live', 'backup', 'copy'].map((name) => join(directory, name));
    assert.ok(live !== undefined && backup !== undefined && copy !== undefined);
    await using store = openSqliteStore({ directory: live, now });
    await store.put('session alice', Buffer.from('sealed'), now() + 60_000);
    const [, script = ''] =
      /^node -e "(.*)" \\\n {2}\/var\/lib\/postern\/store\.sqlite \/var\/backups\//m.exec(page) ?? assert.fail('no command');
    const restored = { backup, copy };
    for (const folder of Object.values(restored)) await openSqliteStore({ directory: folder, now })[Symbol.asyncDispose]();
    await rm(join(backup, 'store.sqlite'));
    execFileSync(process.execPath, ['-e', script, join(live, 'store.sqlite'), join(backup, 'store.sqlite')]);
    await copyFile(join(live, 'store.sqlite'), join(copy, 'store.sqlite'));
    const found = await Promise.all(
      Object.values(restored).map(async (folder) => {
        await using again = openSqliteStore({ directory: folder, now });
        const value = await again.get('session alice');
        return value && Buffer.from(value).toString();
      }),
    );
    await rm(directory, { recursive: true });
    assert.deepEqual(found, ['sealed', undefined]);
  });

  it('gives the service descriptors for as many connections and requests as the defaults allow', () => {
    const configuration = read('docs/configuration.md');
    const defaults = ['max_connections', 'max_requests'].map((key) =>
      Number(new RegExp(`^\\| \`${key}\` \\|[^|]*\\|[^|]*\\| \`(\\d+)\``, 'm').exec(configuration)?.[1]),
    );
    const limit = Number(/^LimitNOFILE=(\d+)$/m.exec(read('docs/deploy/postern.service'))?.[1]);
    assert.ok(page.includes('`max_connections` and `max_requests` are 20,000 each'));
    assert.deepEqual(defaults, [20_000, 20_000]);
    assert.ok(limit > 1.25 * defaults.reduce((sum, value) => sum + value, 0));
  });
});
