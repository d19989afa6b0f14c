import assert from 'node:assert/strict';
import { checkConfiguration } from '../../../src/cli/check-configuration.ts';
import { writeSarif } from '../../../src/cli/write-sarif.ts';
import { problemTexts } from '../../../src/config/problem-codes.ts';
import type { Problem } from '../../../src/config/problem.ts';
import type { SettingsInput } from '../../../src/config/read-settings.ts';
import { readSettings } from '../../../src/config/read-settings.ts';
import { writeProblems } from '../../../src/config/write-problems.ts';
import type { Pki } from '../../walk/pki.ts';
import { makePki } from '../../walk/pki.ts';
import { readCorpus } from '../corpus.ts';
import { randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import { mutateLines } from '../mutate-lines.ts';
import type { Random } from '../random.ts';
import { yamlSeeds } from '../yaml-seeds.ts';

/**
 * Configurations: whatever the text, it is read or every problem is told, each at a place that is in the text, in a moment, and without a
 * letter of a secret. In an input `@secret@` stands for one.
 */
export const config: FuzzTarget = {
  name: 'config',
  briefly: 200,
  meets: ['problems', 'read', 'no text'],
  async open() {
    const pki = await makePki();
    return { seeds: yamlSeeds(), make, check: (input) => check(input, pki), [Symbol.asyncDispose]: closesNothing };
  },
};

const words = wordsOf(
  '\n',
  '\n  ',
  ': ',
  '- ',
  '&a ',
  '*a',
  '<<: *a',
  '|\n',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '#',
  '!!binary ',
  'routes:\n',
  '\r\n',
  '\t',
  '\0',
  '\xff\xfe',
  '---\n',
  '~',
  '1e999',
  '0x',
  '__proto__: ',
);

function make(random: Random, known: readonly Buffer[]): Buffer {
  const base = random.pick(known);
  const text = base.toString('utf8');
  if (random.oneIn(3) && !text.includes(mark)) return mutateBytes(random, base, { others: known, words });
  const others = random
    .pick(known)
    .toString('utf8')
    .split('\n')
    .filter((line) => !line.includes(mark));
  return Buffer.from(mutateLines(random, text, { others, keep: mark }));
}

const mark = '@secret@';
const secret = 'QzXw9-kVb7_LpR2tYh5mNc8d';
const pieces = /QzXw9|kVb7_|LpR2t|mNc8d/;
const file = '/etc/postern/config.yaml';
const longestMs = 10_000;

async function check(input: Buffer, pki: Pki): Promise<string> {
  const random = randomOf(input);
  const bytes = Buffer.from(input.toString('latin1').replaceAll(mark, secret), 'latin1');
  const asked: SettingsInput = { file, environment: undefined, readFile: (name) => (name === file ? bytes : fileNamed(name, pki)) };
  const begun = performance.now();
  const read = readSettings(asked);
  // Certificates are parsed and expressions compiled here: a hundred times the work.
  const checked = random.oneIn(read.ok ? 3 : 20) ? await checkConfiguration(asked, () => now) : undefined;
  assert.ok(performance.now() - begun < longestMs, `it takes ${Math.round(performance.now() - begun)} ms`);
  const told = read.ok ? read.document.warnings : read.problems;
  assert.ok(read.ok || told.some(({ severity }) => severity === 'error'), 'refused without an error');
  for (const problem of [...told, ...(checked?.problems ?? [])]) checkProblem(problem, bytes.toString('utf8'));
  if (checked !== undefined && !read.ok) assert.equal(checked.ok, false, 'good after all');
  if (!mayBeSeen(input.toString('latin1')))
    for (const problems of [told, checked?.problems ?? []])
      for (const written of [
        writeProblems(problems, { colour: false }),
        JSON.stringify(problems),
        JSON.stringify(writeSarif(problems, [])),
      ])
        assert.doesNotMatch(written, pieces, `a secret is shown: ${written.split('\n').find((line) => pieces.test(line)) ?? ''}`);
  return read.ok ? 'read' : told.some(({ place }) => place !== undefined) ? 'problems' : 'no text';
}

/** A secret that was torn from its key is the value of another one, and may be quoted as such. */
function mayBeSeen(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.some((line, index) => line.includes(mark) && !secretLines.has(line) && !lines[index - 1]?.startsWith('-----BEGIN'));
}

const secretLines: ReadonlySet<string> = new Set(
  readCorpus('config')
    .flatMap(({ bytes }) => bytes.toString('latin1').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.includes(mark) && line.includes(':')),
);

const now = Date.now();

/** Some files are there and some are not. */
function fileNamed(name: string, { server, caA }: Pki): Buffer {
  if (name.includes('key')) return Buffer.from(server.keyPem);
  if (name.includes('ca')) return Buffer.from(caA.certificatePem);
  if (name.includes('.pem') || name.includes('.crt')) return Buffer.from(server.certificatePem);
  if (name.includes('secret')) return Buffer.from('c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MDE=');
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}

function checkProblem({ message, code, place }: Problem, text: string): void {
  assert.ok(message.length > 10 && message.length < 20_000, `a message of ${message.length} characters`);
  assert.ok(Object.hasOwn(problemTexts, code), `the code ${code} is in no table`);
  assert.doesNotMatch(message, /\.$|undefined|\[object|NaN(?!")/, 'a message that somebody forgot to write');
  if (place?.kind !== 'file') return;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const line = lines[place.line - 1]?.replace(/\r$/, '');
  const where = `${place.line}:${place.column}+${place.length}`;
  assert.ok(line !== undefined, `${where} is no line of the text`);
  assert.equal(place.sourceLine.length, line.length, `${where} quotes another line`);
  assert.ok(place.column >= 1 && place.column <= line.length + 1 && place.length >= 1, `${where} is not on its line of ${line.length}`);
}
