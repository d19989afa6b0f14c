import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyIgnores } from '../../src/config/apply-ignores.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import type { Problem } from '../../src/config/problem.ts';

function ignoresOf(text: string): readonly string[] {
  return parseYaml(text, 'a.yaml').ignores.map(({ code, line, reason }) => `${line} ${code} ${reason}`);
}

function messagesOf(text: string): readonly string[] {
  return parseYaml(text, 'a.yaml').problems.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
}

describe('readIgnores()', () => {
  it('speaks of its own line, or of the next one with something on it', () => {
    const text = `# postern-ignore: no-routes a reason
# another comment

a: 1 # postern-ignore: no-effect why not
b:
  # postern-ignore open-prefix without a colon
  - c
`;
    assert.deepEqual(ignoresOf(text), ['4 no-routes a reason', '4 no-effect why not', '7 open-prefix without a colon']);
  });

  it('sees comments only, and not what stands in a value', () => {
    const text = `a: '# postern-ignore: no-effect in quotes'
b: |
  # postern-ignore: no-effect in a block
c: x#postern-ignore: no-effect
`;
    assert.deepEqual(ignoresOf(text), []);
  });

  it('tells comments that ignore nothing, as warnings', () => {
    assert.deepEqual(
      messagesOf('# postern-ignore:\na: 1 # postern-ignore: constructor x\n# postern-ignore: no-effect\n# postern-ignore: unknown-key x\n'),
      [
        'warning invalid-ignore postern-ignore names no code: write one of those in docs/errors.md, not ""',
        'warning invalid-ignore postern-ignore names no code: write one of those in docs/errors.md, not "constructor"',
        'warning invalid-ignore postern-ignore: no-effect gives no reason: write why behind the code',
        'warning invalid-ignore postern-ignore cannot ignore unknown-key, which is an error: mend it',
      ],
    );
  });

  it('counts lines as editors do, whatever the line ends', () => {
    assert.deepEqual(ignoresOf('a: 1\r\n\r\nb: 2 # postern-ignore: no-effect why\r\n'), ['3 no-effect why']);
  });
});

const at = (line: number) => ({ kind: 'file', file: 'a.yaml', line, column: 1, sourceLine: 'a: 1', length: 1 }) as const;

describe('applyIgnores()', () => {
  const { ignores } = parseYaml('a: 1 # postern-ignore: no-effect why\nb: 2 # postern-ignore: open-prefix why\n', 'a.yaml');
  const warning: Problem = { severity: 'warning', code: 'no-effect', message: 'm', place: at(1) };

  it('takes away warnings of that code on that line, and tells comments that took away nothing', () => {
    const { told, ignored, unused } = applyIgnores([warning], ignores);
    assert.deepEqual([told, ignored], [[], [{ problem: warning, reason: 'why' }]]);
    assert.deepEqual(
      unused.map(({ code, message }) => [code, message]),
      [['unused-ignore', 'postern-ignore: there is no open-prefix at line 2']],
    );
  });

  it('says nothing of a comment about the permissions of a file, which are others on another machine', () => {
    const { ignores: ofMachine } = parseYaml('a: 1 # postern-ignore: readable-secret for show\n', 'a.yaml');
    assert.deepEqual(applyIgnores([], ofMachine).unused, []);
  });

  it('leaves other lines, other codes, variables and errors alone', () => {
    const others: readonly Problem[] = [
      { ...warning, place: at(2) },
      { ...warning, code: 'open-prefix' },
      { ...warning, place: { kind: 'environment', variable: 'A' } },
      { ...warning, place: undefined },
      { ...warning, severity: 'error' },
    ];
    assert.deepEqual(applyIgnores(others, ignores).told, others);
  });
});
