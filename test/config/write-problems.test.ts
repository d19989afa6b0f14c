import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Place, Problem } from '../../src/config/problem.ts';
import { writeProblems } from '../../src/config/write-problems.ts';

const plain = { colour: false };

describe('writeProblems()', () => {
  it('sorts by file, line and column; without a place first, the environment last', () => {
    const problems: Problem[] = [
      error('e', { kind: 'environment', variable: 'COOKIE_EXPIRE' }),
      error('d', inFile({ file: 'b.yaml', line: 1 })),
      error('c', inFile({ line: 10 })),
      error('b', inFile({ line: 9, column: 3 })),
      { severity: 'warning', code: 'overridden', message: 'a', place: inFile({ line: 9, column: 2 }) },
      error('Cannot read', undefined),
    ];
    assert.equal(
      writeProblems(problems, plain),
      `Cannot read [invalid-value]
a.yaml:9:2 warning: a [overridden]
  key: value
   ^^^
a.yaml:9:3 b [invalid-value]
  key: value
    ^^^
a.yaml:10:1 c [invalid-value]
  key: value
  ^^^
b.yaml:1:1 d [invalid-value]
  key: value
  ^^^
environment:COOKIE_EXPIRE e [invalid-value]
`,
    );
  });

  it('sets the carets right under tabs, wide and combining characters', () => {
    const sourceLine = '\tnäme: 日本 e\u0301x';
    assert.equal(
      writeProblems([error('m', inFile({ sourceLine, column: 13, length: 1 }))], plain),
      'a.yaml:1:13 m [invalid-value]\n      näme: 日本 e\u0301x\n                  ^\n',
    );
    assert.equal(
      writeProblems([error('m', inFile({ sourceLine, column: 8, length: 2 }))], plain),
      'a.yaml:1:8 m [invalid-value]\n      näme: 日本 e\u0301x\n            ^^^^\n',
    );
  });

  it('shows the part of a long line where the span is', () => {
    const sourceLine = `${'a'.repeat(200)}XYZ${'b'.repeat(200)}`;
    const [, line = '', carets = ''] = writeProblems([error('m', inFile({ sourceLine, column: 201, length: 3 }))], plain).split('\n');
    assert.deepEqual([line.length, line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)], [124, 'XYZ']);
  });

  it('lets no configuration write to the terminal', () => {
    const sourceLine = 'a\u001b[31m\u202eb\u0007';
    assert.equal(
      writeProblems([error('m\u001b]0;x', inFile({ sourceLine, file: 'a\n.yaml' }))], plain),
      'a\ufffd.yaml:1:1 m\ufffd]0;x [invalid-value]\n  a\ufffd[31m\ufffdb\ufffd\n  ^^^\n',
    );
  });

  it('colours only when asked to', () => {
    assert.equal(
      writeProblems([error('m', inFile({}))], { colour: true }),
      '\u001b[1ma.yaml:1:1\u001b[0m m \u001b[2m[invalid-value]\u001b[0m\n  key: value\n  \u001b[31m^^^\u001b[0m\n',
    );
  });

  it('is nothing when there is nothing to tell', () => {
    assert.equal(writeProblems([], plain), '');
  });
});

function error(message: string, place: Place | undefined): Problem {
  return { severity: 'error', code: 'invalid-value', message, place };
}

function inFile(place: Partial<Extract<Place, { kind: 'file' }>>): Place {
  return { kind: 'file', file: 'a.yaml', line: 1, column: 1, sourceLine: 'key: value', length: 3, ...place };
}
