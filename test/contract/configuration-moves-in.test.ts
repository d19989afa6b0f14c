import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import type { Printed } from '../cli/terminal.ts';
import { type } from '../cli/terminal.ts';
import { mountFiles, mountedAt } from './mounted-files.ts';

const folder = join(import.meta.dirname, '../cases/pomerium');
const incomplete = 'not-everything.yaml';

/** The codes of the warnings that `check` has for some of them; the others get none. */
const warnings: Readonly<Record<string, readonly string[]>> = {
  'all-in-one.yaml': ['wide-cookie-domain'],
  'mtls.yaml': ['authority-without-crl'],
  'mtls-inline.yaml': ['authority-without-crl'],
  'older-list.yaml': ['shorthand-beside-policy', 'shorthand-beside-policy', 'shorthand-beside-policy'],
  'one-line.json': ['shorthand-beside-policy'],
  'path-routing.yaml': ['no-effect', 'glued-path'],
  'upstream-tls.yaml': ['unverified-upstream'],
};

/** Configurations as operators of Pomerium have them: every core key is in one of them, with another value than its default. */
describe('a configuration of Pomerium', () => {
  let directory: string;

  before(async () => {
    directory = await mountFiles();
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function check(name: string): Promise<Printed> {
    const file = join(directory, name);
    await writeFile(file, await mountedAt(directory, textOf(name)), { mode: 0o600 });
    return type(runCheck, ['--config', file]);
  }

  for (const name of readdirSync(folder).filter((each) => each !== incomplete)) {
    it(`moves in unchanged: ${name}`, async () => {
      const { status, err } = await check(name);
      assert.equal(status, 0, err);
      const codes = [...err.matchAll(/ warning: .* \[([a-z-]+)\]$/gm)].map(([, code]) => code);
      assert.deepEqual(codes, warnings[name] ?? [], err);
    });
  }

  it('that asks for more is told so line by line, and nothing else is wrong with it', async () => {
    const { status, err } = await check(incomplete);
    assert.equal(status, 1);
    const expected = textOf(incomplete)
      .split('\n')
      .flatMap((line, index) => {
        const word = /^\s*[^#\s].* # (.*)$/.exec(line)?.[1];
        return word === undefined ? [] : [{ at: index + 1, word }];
      });
    const told = [...err.matchAll(/^\S*:(\d+):\d+ (?!warning)(.*)$/gm)].map(([, line, message = '']) => {
      const found = expected.find(({ at, word }) => at === Number(line) && message.includes(word));
      return `${line} ${found?.word ?? message}`;
    });
    assert.deepEqual(
      told,
      expected.map(({ at, word }) => `${at} ${word}`),
    );
  });
});

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
