import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runTest } from '../../src/cli/test.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import { type } from './terminal.ts';

const cases = join(import.meta.dirname, '../cases/tests');
const folder = join(cases, 'problems');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** What an operator reads of a test file that can't be used; UPDATE_CASES=1 writes it anew: read the difference by eye. */
describe('problems of test files', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
    copyFileSync(join(cases, 'office.config.yaml'), join(directory, 'office.config.yaml'));
    for (const name of files) copyFileSync(join(folder, name), join(directory, name));
    process.chdir(directory);
  });

  after(() => {
    process.chdir(folder);
    return rm(directory, { recursive: true, force: true });
  });

  for (const file of files) {
    it(file.replace('.yaml', '').replaceAll('-', ' '), async () => {
      const { status, out, err } = await type(runTest, ['--config', 'office.config.yaml', file]);
      const expected = join(folder, file.replace('.yaml', '.txt'));
      if (process.env['UPDATE_CASES'] === '1') writeFileSync(expected, err);
      assert.deepEqual([status, out, err], [1, '', readFileSync(expected, 'utf8')]);
    });
  }

  it('are told together, of all files', async () => {
    const { err } = await type(runTest, ['--config', 'office.config.yaml', ...files]);
    for (const file of files) assert.ok(err.includes(file), file);
  });
});
