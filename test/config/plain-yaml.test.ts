import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { readPlainYaml } from '../../src/config/plain-yaml.ts';

function isLoaded(): boolean {
  return Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/yaml/dist/'));
}

// That whatever is understood is what the library would understand is compared in test/fuzz/targets/plain-yaml.ts.
describe('readPlainYaml()', () => {
  it('reads maps and lists in blocks and on one line, texts, numbers and words', () => {
    const text = `---
# a comment
address: :443   # another
timeout: 30
share: true
none:
list:
- a: x
  b: ['it''s', "a\\tb", -1, {c: d}]
-   - https://a.example/x#y
    - 10.0.0.1
key: |
  -----BEGIN

    -----END
last: |-
  # no comment
`;
    assert.deepEqual(readPlainYaml(text)?.value, {
      address: ':443',
      timeout: 30,
      share: true,
      none: null,
      list: [{ a: 'x', b: ["it's", 'a\tb', -1, { c: 'd' }] }, ['https://a.example/x#y', '10.0.0.1']],
      key: '-----BEGIN\n\n  -----END\n',
      last: '# no comment',
    });
  });

  it('keeps its hands off whatever is more than that, or wrong', () => {
    const others = [
      '',
      '- a',
      'a: &x 1',
      'a: *x',
      'a: !!str 1',
      '<<: {a: 1}',
      '__proto__: {a: 1}',
      'a: 1\na: 2',
      'a: {b: 1, b: 2}',
      'a: b: c',
      'a: x\n  y',
      'a: >\n  x\n',
      'a: |2\n   x\n',
      'a:\n    b: 1\n  c: 2',
      'a: [b',
      'a: [b,]',
      'a: "b',
      'a: "\\x41"',
      'a: b\tc',
      'a: 1\r\n',
      'a: 007',
      'a: 1.5',
      'a: .inf',
      'a: ~',
      'a: True',
      '? a\n: b',
      'a: 1\n---\nb: 2',
      '\ufeffa: 1',
      `a: ${'['.repeat(100)}${']'.repeat(100)}`,
      Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
    ];
    assert.deepEqual(
      others.filter((text) => readPlainYaml(text) !== undefined),
      [],
    );
  });

  it('hands over the comments where one of them may be for us', () => {
    assert.deepEqual(readPlainYaml('a: 1 # postern-ignore: x y\n#b\n')?.comments, [
      { from: 5, source: '# postern-ignore: x y' },
      { from: 27, source: '#b' },
    ]);
  });
});

describe('parseYaml()', () => {
  it('loads the library for nothing that is plain', () => {
    const before = [parseYaml('a: {b: 1} # postern-ignore: no-effect x\n', 'c').value, isLoaded()];
    assert.deepEqual([...before, parseYaml('a: .5\n', 'c').value, isLoaded()], [{ a: { b: 1 } }, false, { a: 0.5 }, true]);
  });
});
