import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { type } from '../cli/terminal.ts';

const folder = join(import.meta.dirname, '../cases/lint');
const cases = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
// A copy, because file permissions are part of what is told and those of a checkout are anybody's.
const copy = mkdtempSync(join(tmpdir(), 'postern-lint-'));
cpSync(folder, copy, { recursive: true });
for (const name of readdirSync(copy)) chmodSync(join(copy, name), 0o600);
chmodSync(join(copy, 'idp-client-secret.txt'), 0o604);
after(() => rmSync(copy, { recursive: true, force: true }));

describe('what an operator reads about a configuration that is good and could be better', () => {
  for (const name of cases) {
    it(name.replace('.yaml', '').replaceAll('-', ' '), async () => {
      const expected = join(folder, name.replace('.yaml', '.txt'));
      const { status, out, err } = await type(runCheck, ['--no-env', '--config', join(copy, name)]);
      const told = `${err.replaceAll(`${copy}/`, '')}${out}`;
      if (process.env['UPDATE_CASES'] === '1') writeFileSync(expected, told);
      assert.equal(status, 0);
      assert.equal(told, readFileSync(expected, 'utf8'));
    });
  }

  it('never shows a secret', async () => {
    const told = await Promise.all(
      cases.map(async (name) => type(runCheck, ['--no-env', '--config', join(copy, name), '--format', 'sarif'])),
    );
    assert.deepEqual(
      told.filter(({ out, err }) => /hunter2/.test(out + err)),
      [],
    );
  });
});
