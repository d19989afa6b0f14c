import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasDuplicateNames } from '../../src/identity/duplicate-names.ts';

describe('hasDuplicateNames()', () => {
  it('finds a name that an object has twice, at any depth and in any spelling', () => {
    const doubled = [
      '{"a":1,"a":2}',
      '{"sub":"alice", "exp":1,\n"sub":"bob"}',
      '{"a":{"b":1,"c":[1,{"b":2}],"b":3}}',
      '[{"a":1,"b":{},"a":2}]',
      '{"sub":1,"\\u0073ub":2}',
      '{"":1,"":2}',
      '{"__proto__":1,"__proto__":2}',
    ];
    assert.deepEqual(
      doubled.map(hasDuplicateNames),
      doubled.map(() => true),
    );
  });

  it('is not misled by values, lists and neighbours', () => {
    const plain = [
      '{}',
      '[]',
      '"a"',
      '{"a":"a","b":"a"}',
      '{"a":["a","a","a"]}',
      '{"a":{"a":{"a":1}},"b":{"a":1}}',
      '[{"a":1},{"a":2}]',
      '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"a\\":1,"}',
      '{"a":"\\\\","b":":"}',
    ];
    assert.deepEqual(
      plain.map(hasDuplicateNames),
      plain.map(() => false),
    );
  });
});
