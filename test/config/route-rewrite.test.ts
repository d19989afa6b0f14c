import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf, toldOf } from './given-route.ts';

describe('readRewrite()', () => {
  it('reads both kinds, and keeps the place of what is compiled later', () => {
    assert.deepEqual(
      [
        forwardOf({ to: 'http://a/base', prefix_rewrite: '/new' }).rewrite,
        forwardOf({ regex_rewrite_pattern: '^/(a', regex_rewrite_substitution: '' }).rewrite,
      ],
      [
        { kind: 'prefix', replacement: '/new', place: ['routes', 0, 'prefix_rewrite'] },
        { kind: 'regex', pattern: '^/(a', substitution: '', place: ['routes', 0, 'regex_rewrite_pattern'] },
      ],
    );
  });

  it('refuses half an expression, and two rewrites at once', () => {
    const regex = { regex_rewrite_pattern: 'a', regex_rewrite_substitution: 'b' };
    const routes = [{ regex_rewrite_pattern: 'a' }, { regex_rewrite_substitution: 'b' }, { ...regex, prefix_rewrite: '/' }];
    assert.deepEqual(
      routes.map((route) => toldOf(route)),
      [
        ['missing-key routes[0].regex_rewrite_pattern means nothing without regex_rewrite_substitution: write both, or neither'],
        ['missing-key routes[0].regex_rewrite_substitution means nothing without regex_rewrite_pattern: write both, or neither'],
        ['conflicting-keys routes[0].regex_rewrite_pattern and routes[0].prefix_rewrite both rewrite the path: keep one of them'],
      ],
    );
  });

  it('does not call missing what was refused because of its type', () => {
    assert.deepEqual(toldOf({ regex_rewrite_pattern: 'a', regex_rewrite_substitution: ['b'] }), [
      'wrong-type routes[0].regex_rewrite_substitution must be a text, not a list',
    ]);
  });
});
