import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestName, suggestName } from '../../src/policy/nearest-name.ts';

const names = ['email', 'domain', 'claim', 'client_certificate', 'or', 'nor', ''];

describe('nearestName()', () => {
  it('finds the name with the fewest edits', () => {
    assert.deepEqual(
      ['emial', 'Domain', 'clam', 'client-certificates', 'xor', 'of'].map((written) => nearestName(written, names)),
      ['email', 'domain', 'claim', 'client_certificate', 'or', 'or'],
    );
  });

  it('finds nothing for what is far from every name, or too long to be a typing error', () => {
    assert.deepEqual(
      ['favourite_colour', 'zz', 'e'.repeat(5_000)].map((written) => nearestName(written, names)),
      [undefined, undefined, undefined],
    );
  });
});

describe('suggestName()', () => {
  it('asks for the nearest name, or lists what there is', () => {
    assert.equal(suggestName('emial', names), '; did you mean "email"?');
    assert.equal(suggestName('zzzzzz', ['and', 'or']), '; write one of and, or');
  });
});
