import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAnyYaml } from '../../src/config/parse-any-yaml.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { createRepeats } from '../../src/config/plain-yaml-repeats.ts';

describe('createRepeats()', () => {
  it('finds again what is written alike to the end of its line, and nothing that goes on otherwise', () => {
    const text = 'a: [1, 2]\nb: [1, 2]\nc: [1, 2] # x\n';
    const repeats = createRepeats(text);
    const [first, second, third] = [3, 13, 23].map((offset) => repeats.restAt(offset));
    const read = { value: [1, 2], length: 6 };
    repeats.keep(first, read);
    assert.deepEqual([repeats.find(second), repeats.find(third)], [read, undefined]);
  });

  it('looks nothing up that is long, or behind the end', () => {
    const repeats = createRepeats(`a: [${'1, '.repeat(1000)}]`);
    assert.deepEqual([repeats.restAt(3), repeats.restAt(9999), createRepeats('').restAt(0)], [undefined, undefined, undefined]);
  });
});

describe('parseYaml() of what is written over and over', () => {
  const lines = [
    'routes:',
    ...['a', 'b', 'c'].map(
      (name) => `  - {name: ${name}, policy: {allow: {and: [{domain: {is: x.example}}, {http_method: {in: [GET]}}]}}}`,
    ),
    '  - name: d',
    '    policy: {allow: {and: [{domain: {is: x.example}}, {http_method: {in: [GET]}}]}}',
    '    list: [1, two]   # why',
    '  - name: e',
    '    list: [1, two]',
    '    policy: {allow: {and: [{domain: {is: x.example}}, {http_method: {in: [GET]}}]}}',
    '',
  ];
  const text = lines.join('\n');

  it('says what the library says, and where', () => {
    const [ours, theirs] = [parseYaml(text, 'f'), parseAnyYaml(text, 'f')];
    assert.deepEqual(ours.value, theirs.value);
    for (const path of [
      ['routes', 2, 'policy', 'allow', 'and', 1, 'http_method'],
      ['routes', 3, 'list', 1],
      ['routes', 4, 'policy', 'allow'],
    ])
      assert.deepEqual(ours.locate(path), theirs.locate(path));
  });
});
