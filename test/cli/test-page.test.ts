import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runTest } from '../../src/cli/test.ts';
import { certificateKeys } from '../../src/cli/testing/read-certificates.ts';
import { expectationKeys } from '../../src/cli/testing/read-expectation.ts';
import { requestKeys } from '../../src/cli/testing/read-request.ts';
import type { Printed } from './terminal.ts';
import { type } from './terminal.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/testing-policies.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm)].map(([, language, note, text = '']) => ({
  language,
  note,
  text,
}));
const examples = blocks.filter(({ language, note }) => language === 'yaml' && note !== 'norun');

// Within the validity of the example CA.
const at = Date.UTC(2027, 0, 1);

/** The page is true: what it shows runs, against the example configuration of the project. */
describe('docs/testing-policies.md', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-page-'));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function run(text: string, args: readonly string[] = []): Promise<Printed> {
    const file = join(directory, 'bob.test.yaml');
    await writeFile(file, text);
    const { status, out, err } = await type(runTest, ['--config', join(root, 'config.example.yaml'), '--no-env', file, ...args], {
      width: 120,
      at,
    });
    return { status, out: out.replaceAll(`${directory}/`, '').replaceAll(`${root}/`, ''), err };
  }

  for (const [index, { note, text }] of examples.entries()) {
    it(`shows an example that ${note === 'fails' ? 'fails' : 'passes'}: ${index + 1}`, async () => {
      const { status, out, err } = await run(text);
      assert.equal(status, note === 'fails' ? 1 : 0, out + err);
    });
  }

  it('shows what a failure looks like', async () => {
    const failing = examples.find(({ note }) => note === 'fails');
    const shown = blocks.find(({ language, text }) => language === 'text' && text.startsWith('✗'));
    const { out } = await run(failing?.text ?? '');
    assert.ok(shown !== undefined && out.includes(shown.text), out);
  });

  it('shows what coverage looks like', async () => {
    const tests = readFileSync(join(root, 'docs/example/policies.test.yaml'), 'utf8');
    const shown = blocks.find(({ language, text }) => language === 'text' && text.startsWith('Coverage'));
    const { out } = await run(tests.replace(/ {2}- name: everybody who signed in sees[^]*?\n\n/, ''), ['--coverage']);
    assert.ok(shown !== undefined && out.includes(shown.text), out);
  });

  it('has a row for every key', () => {
    const rows = new Set(
      [...page.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)].map(([, key]) => key)),
    );
    for (const key of [...requestKeys, ...expectationKeys, ...certificateKeys]) assert.ok(rows.has(key), key);
  });

  it('leads to example tests that cover the example configuration', async () => {
    const file = join(root, 'docs/example/policies.test.yaml');
    const { status, out } = await type(
      runTest,
      ['--config', join(root, 'config.example.yaml'), '--no-env', file, '--min-coverage', '100'],
      { at },
    );
    assert.equal(status, 0, out);
  });
});
