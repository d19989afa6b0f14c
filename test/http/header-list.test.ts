import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue, headerValues, isFieldName, isFieldValue, normalisedName } from '../../src/http/header-list.ts';

const headers = ['Accept', 'a', 'X-One', '1', 'x-one', '2', 'X-One-More', '3', 'X-Empty', ''];

describe('headerValue()', () => {
  it('finds the first value, whatever the case of the name', () => {
    assert.deepEqual(
      ['accept', 'x-one', 'x-one-more', 'x-empty', 'x-on', 'a', 'missing'].map((name) => headerValue(headers, name)),
      ['a', '1', '3', '', undefined, undefined, undefined],
    );
  });

  it('finds nothing in an empty list', () => {
    assert.equal(headerValue([], 'accept'), undefined);
  });
});

describe('headerValues()', () => {
  it('finds every value in order', () => {
    assert.deepEqual(
      ['x-one', 'x-empty', 'missing'].map((name) => headerValues(headers, name)),
      [['1', '2'], [''], []],
    );
  });

  it('passes over a name that has lost its value', () => {
    assert.deepEqual(headerValues(['x-one'], 'x-one'), []);
  });
});

describe('normalisedName()', () => {
  it('gives one form to the spellings that a gateway interface makes alike', () => {
    for (const name of ['X-Pomerium-Claim-Email', 'x_pomerium_claim_email', 'X-Pomerium_Claim-EMAIL'])
      assert.equal(normalisedName(name), 'x-pomerium-claim-email');
  });
});

describe('isFieldName()', () => {
  it('takes tokens only', () => {
    assert.deepEqual(['X-A', "a!#$%&'*+.^_`|~9", 'x_y'].map(isFieldName), [true, true, true]);
    assert.deepEqual(['', 'a b', 'a:', ':path', 'a\n', 'a\0', 'a"', '(a)', '\u00e9', '\u212A'].filter(isFieldName), []);
  });
});

describe('isFieldValue()', () => {
  it('takes visible characters, spaces, tabs and bytes above ASCII, and no other control character', () => {
    assert.deepEqual(['', 'a b', 'a\tb', '\u00e9\u00ff', ' '].map(isFieldValue), [true, true, true, true, true]);
    assert.deepEqual(['a\n', 'a\r', '\0', 'a\u007f', '\u001b', '\u0100', 'a\r\nSet-Cookie: x'].filter(isFieldValue), []);
  });
});
