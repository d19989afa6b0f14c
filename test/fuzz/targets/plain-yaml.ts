import assert from 'node:assert/strict';
import { parseAnyYaml } from '../../../src/config/parse-any-yaml.ts';
import { parseYaml } from '../../../src/config/parse-yaml.ts';
import { readPlainYaml } from '../../../src/config/plain-yaml.ts';
import type { SettingPath } from '../../../src/config/problem.ts';
import { commentsOf } from '../../../src/config/read-ignores.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import { mutateLines } from '../mutate-lines.ts';
import type { Random } from '../random.ts';
import { yamlSeeds } from '../yaml-seeds.ts';

/**
 * The quick reader of plain YAML against the library: whatever the one understands, the other understands in the same way, without a word
 * of complaint, and every value and key stands at the same place.
 */
export const plainYaml: FuzzTarget = {
  name: 'plain-yaml',
  briefly: 1_500,
  meets: ['left to the library', 'understood', 'understood, with comments for us', 'understood, with a text behind a bar'],
  open: () => Promise.resolve({ seeds: yamlSeeds(), make, check, [Symbol.asyncDispose]: closesNothing }),
};

const keys = [
  'a',
  'b',
  'from',
  'null',
  '1',
  '0x1',
  'X-Team',
  'claim/x',
  '__proto__',
  '<<',
  '"a"',
  "'b'",
  '$x',
  'a.b',
  '-a',
  '~',
  'é',
  'true',
  'a b',
  '?',
];
const values = [
  '', '', '', 'x', 'https://a.example', 'a: b', 'a:b', 'a :b', 'x # c', 'x#c', '# c', 'true', 'True', 'no', 'null', 'NULL', '~', '~x', '0', '-0', '00', '007', '12', '-3', '+3', '1.5', '.5', '1e3', '0x1F', '0o7',
  '.inf', '-.INF', '.nan', '1_000', '10.0.0.1', '::1', ':8443', '127.0.0.1:443', '2026-01-01', '99999999999999999999', '"q"', '"q" # c', '"q"#c', '"a\\nb"', '"a\\/b\\u00e9"', '"a\\x41"', '"\\ud800"', '"a', "'s'", "'it''s'", "'a' b",
  '[]', '[a, b]', '[a, [b, {c: d}]]', '[a, ]', '[a b, "c", 1]', '[a: b]', '[a', '[ ]', '[a,b]', '[,]', '[a] # c', '[a #c]', '[ a #]', '{}', '{a: b}', '{a: b, c: [1, {d: e}]}', '{a: }', '{a:b}', '{a}', '{"a": 1}', '{a: 1, a: 2}', '{ a: b }', '{a: b}}',
  '|', '|-', '|+', '|2', '| # c', '>', '&a x', '*a', '!!str x', '- x', '-', '-x', '--- x', '? x', '%x', '@x', '`x', '=', '<', 'x:', 'x: ', 'x  ', ' x', 'a, b', 'a]b', 'a}', 'a{b}', '$x', '(x)', '^/a$', '\\d', '日本', '😀', 'a\u00a0b', 'a\tb', '/x', '*.example', '...', '---',
]; // prettier-ignore
const comments = ['#', '# c', '#c', '# postern-ignore: no-routes x', '# postern-ignore', '  # postern-ignore: open-prefix why'];
const words = wordsOf('\n', '\n\n', '\n  ', '\n    ', '\n- ', ': ', ':', ' #', '#', '- ', '  ', '\t', '\r\n', '---\n', '...\n', ...keys.map((key) => `${key}: `), ...values); // prettier-ignore

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2))
    return Buffer.from(random.times(1 + random.below(7), () => madeLine(random)).join('\n') + random.pick(['\n', '\n', '']));
  const text = random.pick(known).toString('utf8');
  if (random.oneIn(3)) return mutateBytes(random, Buffer.from(text), { others: known, words });
  return Buffer.from(mutateLines(random, text, { others: random.times(3, () => madeLine(random)), keep: '\0' }));
}

function madeLine(random: Random): string {
  if (random.oneIn(10)) return ' '.repeat(random.below(5)) + (random.oneIn(2) ? random.pick(comments) : '');
  const indent = random.pick(['', '', '', '  ', '  ', '    ', ' ', '   ']);
  const item = random.oneIn(3) ? random.pick(['- ', '- ', '-  ', '- - ', '-']) : '';
  const key = random.oneIn(4) ? '' : `${random.oneIn(2) ? random.pick(['a', 'b', 'c', 'd', 'e']) : random.pick(keys)}:`;
  const value = random.pick(values);
  const end = random.pick(['', '', '', '', ' ', ' # c', ' # postern-ignore: no-effect x']);
  return `${indent}${item}${key}${value === '' || key === '' ? value : ` ${value}`}${end}`;
}

function check(input: Buffer): string {
  const text = input.toString('utf8');
  const plain = readPlainYaml(text);
  if (plain === undefined) return 'left to the library';
  const [quick, thorough] = [parseYaml(text, 'c'), parseAnyYaml(text, 'c')];
  assert.deepEqual(thorough.problems, quick.problems);
  assert.deepEqual(quick.value, thorough.value);
  // The order of keys counts in some maps, and `deepEqual` does not look at it.
  assert.equal(JSON.stringify(quick.value), JSON.stringify(thorough.value));
  for (const path of pathsOf(quick.value, []))
    for (const part of ['key', 'value'] as const)
      assert.deepEqual(quick.locate(path, part), thorough.locate(path, part), `the ${part} at ${path.join('.')}`);
  assert.deepEqual(quick.ignores, thorough.ignores);
  if (text.includes('postern-ignore')) {
    assert.deepEqual(plain.comments, [...commentsOf(text)]);
    return 'understood, with comments for us';
  }
  return /[:-] +\|-?$/m.test(text) ? 'understood, with a text behind a bar' : 'understood';
}

/** Every path there is, and at each some that lead nowhere. */
function pathsOf(value: unknown, path: SettingPath): readonly SettingPath[] {
  const nowhere = [path, [...path, 'nowhere'], [...path, 99]];
  if (Array.isArray(value)) return [...nowhere, ...value.flatMap((item: unknown, index) => pathsOf(item, [...path, index]))];
  if (typeof value !== 'object' || value === null) return nowhere;
  return [...nowhere, ...Object.entries(value).flatMap(([key, inner]: [string, unknown]) => pathsOf(inner, [...path, key]))];
}
