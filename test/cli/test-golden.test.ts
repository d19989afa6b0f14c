import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { runExplain } from '../../src/cli/explain.ts';
import type { Explanation } from '../../src/cli/explanation.ts';
import { writeWalk } from '../../src/cli/write-explanation.ts';
import { runTest } from '../../src/cli/test.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import { readXml } from './read-xml.ts';
import type { Printed, Typed } from './terminal.ts';
import { type } from './terminal.ts';

const folder = join(import.meta.dirname, '../cases/tests');
const isUpdate = process.env['UPDATE_CASES'] === '1';

/** The text that is kept, or with UPDATE_CASES=1 what takes its place: read the difference by eye. What the walk looks like is for `explain` to say. */
function golden(name: string, text: string): void {
  const file = join(folder, name);
  const kept = text
    .replace(/^( *)handshake {2}[^]*?(?=\n\n|<\/failure>)/gm, '$1(the walk)')
    .replace(/^ {4}- \{"step":.*\n/gm, '')
    .replace(/("trace": )\[[^]*?^ {6}\]/gm, '$1"(the walk)"');
  if (isUpdate) writeFileSync(file, kept);
  assert.equal(kept, readFileSync(file, 'utf8'));
}

async function test(args: readonly string[], typed: Typed = {}): Promise<Printed> {
  const { status, out, err } = await type(runTest, ['--config', 'office.config.yaml', 'office.test.yaml', ...args], typed);
  // What is made anew in each run.
  return { status, out: out.replace(/\b[0-9a-f]{64}\b/g, '(fingerprint)'), err };
}

describe('the output of postern test', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
    for (const name of readdirSync(folder)) if (name.endsWith('.yaml')) copyFileSync(join(folder, name), join(directory, name));
    // So that file names are short, as an operator has them.
    process.chdir(directory);
  });

  after(() => {
    process.chdir(folder);
    return rm(directory, { recursive: true, force: true });
  });

  for (const width of [60, 120]) {
    it(`is good to read on ${width} columns`, async () => {
      const { status, out, err } = await test(['--coverage'], { width });
      assert.deepEqual([status, err], [1, '']);
      golden(`office.people-${width}.txt`, out);
      const long = out.split('\n').filter((line) => line.length > width && !/^ {2}[✓✗] /.test(line));
      assert.deepEqual(long, []);
    });
  }

  it('tells beneath each failure what explain would', async () => {
    const first = (await test([])).out.split('✗ admins may not from outside\n').at(-1) ?? '';
    const asked = ['GET', 'https://console.corp.test/', '--email', 'alice@corp.test', '--groups', 'admins', '--source-ip', '203.0.113.9'];
    const explained = await type(runExplain, ['--config', 'office.config.yaml', ...asked, '--json']);
    const { trace } = JSON.parse(explained.out) as Explanation;
    const walk = writeWalk(trace, 78).map((line) => `  ${line}\n`);
    assert.ok(first.includes(walk.join('')), first);
    const { cases } = JSON.parse((await test(['--format', 'json'])).out) as { readonly cases: readonly Partial<Explanation>[] };
    assert.deepEqual(
      cases[1]?.trace,
      trace.filter(({ detail }) => detail !== 'another host'),
    );
  });

  it('is coloured on a terminal and nowhere else', async () => {
    const coloured = await test([], { colourOut: true });
    assert.ok(coloured.out.includes('\u001b[32m✓\u001b[0m admins reach'));
    for (const format of ['people', 'tap', 'junit', 'json']) assert.ok(!(await test(['--format', format])).out.includes('\u001b'));
  });

  it('is TAP 14, whose diagnostics are YAML', async () => {
    const { out } = await test(['--format', 'tap', '--coverage']);
    golden('office.tap', out);
    const blocks = [...out.matchAll(/^ {2}---\n([^]*?)^ {2}\.\.\.$/gm)].map(
      ([, block = '']) => parse(block) as { readonly differences: unknown },
    );
    assert.ok(blocks.length > 0 && blocks.every(({ differences }) => Array.isArray(differences)));
    const points = [...out.matchAll(/^(?:not )?ok (\d+) - /gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      points,
      points.map((_, index) => index + 1),
    );
    assert.match(out, new RegExp(`^TAP version 14\\n1\\.\\.${points.length}\\n`));
  });

  it('is XML as build servers read it', async () => {
    const { out } = await test(['--format', 'junit', '--coverage']);
    golden('office.junit.xml', out);
    const root = readXml(out);
    const [suite, coverage] = root.children;
    assert.deepEqual([root.name, suite?.name, coverage?.attributes['name']], ['testsuites', 'testsuite', 'coverage']);
    const failed = suite?.children.filter(({ children }) => children.some(({ name }) => name === 'failure'));
    assert.deepEqual([String(suite?.children.length), String(failed?.length)], [root.attributes['tests'], root.attributes['failures']]);
    assert.ok(suite?.children.some(({ attributes }) => attributes['name'] === 'the old wiki moved <for good> & "really" # 1'));
  });

  it('is one JSON document', async () => {
    const { out } = await test(['--format', 'json', '--coverage']);
    golden('office.json', out);
    const { ok, passed, failed, cases } = JSON.parse(out) as {
      ok: boolean;
      passed: number;
      failed: number;
      cases: readonly { ok: boolean }[];
    };
    assert.deepEqual([ok, passed, failed], [false, cases.filter((one) => one.ok).length, cases.filter((one) => !one.ok).length]);
  });

  it('shows no secret of the configuration in any format', async () => {
    for (const format of ['people', 'tap', 'junit', 'json']) {
      const { out, err } = await test(['--format', format, '--coverage']);
      assert.match(out, /console/);
      assert.doesNotMatch((out + err).replaceAll('starts_with hunter', ''), /hunter/, format);
    }
  });
});
