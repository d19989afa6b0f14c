import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileSubstitution } from '../../src/upstream/substitution.ts';

const place = ['routes', 0, 'regex_rewrite_pattern'];

describe('compileSubstitution()', () => {
  it('replaces every match, groups by their number, and takes a dollar sign as it is', () => {
    const cases: readonly (readonly [pattern: string, substitution: string, text: string, replaced: string])[] = [
      ['^/a/(.*)$', String.raw`/b/\1`, '/a/x/y', '/b/x/y'],
      ['/(x)(y)?', String.raw`[\2\1\0]`, '/x/xy', '[x/x][yx/xy]'],
      ['a', '$1$&$$', 'cat', 'c$1$&$$t'],
      ['a', String.raw`\\1`, 'a', String.raw`\1`],
      ['none', 'x', '/a', '/a'],
      ['a*', 'x', 'baac', 'xbxcx'],
      ['(?i)API', 'v1', '/api/Api', '/v1/v1'],
      ['(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)', String.raw`\10`, '1234567890', '10'],
      ['', '-', 'ab', '-a-b-'],
    ];
    assert.deepEqual(
      cases.map(([pattern, substitution, text]) => {
        const compiled = compileSubstitution({ pattern, substitution, place });
        return compiled.ok ? compiled.value(text) : compiled.message;
      }),
      cases.map(([, , , replaced]) => replaced),
    );
  });

  it('tells what is wrong, at the key where it is wrong', () => {
    const problems = (
      [
        ['(', 'x'],
        ['(?=x)', 'x'],
        ['x', String.raw`\1`],
        ['(x)', 'x\\'],
        ['x', String.raw`\d`],
      ] as const
    ).map(([pattern, substitution]) => {
      const compiled = compileSubstitution({ pattern, substitution, place });
      return compiled.ok ? 'compiled' : `${compiled.path.join('.')}: ${compiled.message}`;
    });
    const backslash = String.raw`a backslash must be followed by the number of a group, like \1, or by another one`;
    assert.deepEqual(problems, [
      'routes.0.regex_rewrite_pattern: cannot read regex_rewrite_pattern "(": missing closing ): `(`; write an RE2 expression',
      'routes.0.regex_rewrite_pattern: cannot read regex_rewrite_pattern "(?=x)": invalid or unsupported Perl syntax: `(?=`; write an RE2 expression',
      String.raw`routes.0.regex_rewrite_substitution: cannot read regex_rewrite_substitution "\\1": \1 stands for a group that the expression has not, it has 0`,
      String.raw`routes.0.regex_rewrite_substitution: cannot read regex_rewrite_substitution "x\\": ${backslash}`,
      String.raw`routes.0.regex_rewrite_substitution: cannot read regex_rewrite_substitution "\\d": ${backslash}`,
    ]);
  });

  it('takes time in proportion to a hostile text', () => {
    const compiled = compileSubstitution({ pattern: '(a+)+$', substitution: 'x', place });
    const text = `${'a'.repeat(20_000)}b`;
    assert.equal(compiled.ok && compiled.value(text), text);
  });

  it('gives a text up through which it would have to look again for each of thousands of matches', () => {
    const patterns = ['a(.*b)?', 'a', '', '/v1(.*/legacy)?'];
    const replaced = patterns.map((pattern) => {
      const compiled = compileSubstitution({ pattern, substitution: 'x', place });
      return compiled.ok && [40, 100_000].map((length) => compiled.value((pattern.startsWith('/') ? '/v1' : 'a').repeat(length))?.length);
    });
    assert.deepEqual(replaced, [
      [40, undefined],
      [40, undefined],
      [81, undefined],
      [40, undefined],
    ]);
  });

  it('looks through the longest text twice', () => {
    const text = `/api/${'a'.repeat(128 * 1024 - 5)}`;
    const compiled = ['^/api', '/api/(.*)'].map((pattern) => compileSubstitution({ pattern, substitution: '/v1', place }));
    assert.deepEqual(
      compiled.map((each) => each.ok && each.value(text)?.length),
      [128 * 1024 - 1, 3],
    );
  });
});
