import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flattenClaims } from '../../src/identity/flatten-claims.ts';

describe('flattenClaims()', () => {
  it('makes dotted names of nested objects and a list of every value', () => {
    const claims = {
      groups: ['a', 'b'],
      admin: true,
      level: 3,
      nothing: null,
      none: [],
      address: { country: 'PL', geo: { lat: 1.5 } },
      roles: [{ name: 'x' }, { name: 'y', extra: 1 }, 'z'],
      nested: [['a'], ['b', 'c']],
      'a.b': 1,
      a: { b: 2 },
    };
    assert.deepEqual(Object.fromEntries(flattenClaims(claims)), {
      groups: ['a', 'b'],
      admin: [true],
      level: [3],
      nothing: [null],
      none: [],
      'address.country': ['PL'],
      'address.geo.lat': [1.5],
      roles: ['z'],
      'roles.name': ['x', 'y'],
      'roles.extra': [1],
      nested: ['a', 'b', 'c'],
      'a.b': [1, 2],
    });
  });

  it('is not led astray by names of the language, nor by depth', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`) as Record<string, unknown>;
    assert.equal(flattenClaims(deep).size, 0);
    const flat = flattenClaims(JSON.parse('{"__proto__": {"admin": true}, "constructor": "x"}') as Record<string, unknown>);
    assert.deepEqual(
      [...flat],
      [
        ['__proto__.admin', [true]],
        ['constructor', ['x']],
      ],
    );
  });
});
