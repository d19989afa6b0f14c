import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editDistance, nearestWord } from '../../src/config/nearest-word.ts';

const known = ['prefix', 'path', 'policy', 'timeout', 'allowed_users', 'allowed_domains', 'to'];

describe('nearestWord()', () => {
  it('forgives slips, swaps, case and dashes', () => {
    assert.deepEqual(
      ['prefx', 'perfix', 'Prefix', 'timout', 'allowed-user', 'alowed_domain', 'polcy'].map((word) => nearestWord(word, known)),
      ['prefix', 'prefix', 'prefix', 'timeout', 'allowed_users', 'allowed_domains', 'policy'],
    );
  });

  it('suggests nothing far-fetched', () => {
    assert.deepEqual(
      ['', 'x', 'suffix_of', 'redirect', 'a'.repeat(10_000)].map((word) => nearestWord(word, known)),
      [undefined, undefined, undefined, undefined, undefined],
    );
  });
});

describe('editDistance()', () => {
  it('counts insertions, deletions, replacements and swaps of neighbours', () => {
    assert.deepEqual(
      [editDistance('', 'abc'), editDistance('abc', ''), editDistance('abc', 'abd'), editDistance('abc', 'acb'), editDistance('ab', 'ab')],
      [3, 3, 1, 1, 0],
    );
  });
});
