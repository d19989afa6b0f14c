import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReasonUnion } from '../../src/policy/reason-union.ts';

describe('createReasonUnion()', () => {
  it('unites in order of first appearance and leaves its arguments alone', () => {
    const union = createReasonUnion();
    const [one, other] = [Object.freeze(['b', 'a']), Object.freeze(['c', 'a'])];
    assert.deepEqual(union(one, other), ['b', 'a', 'c']);
    assert.equal(union(one, other), union(one, other));
    assert.ok(Object.isFrozen(union(one, other)));
  });

  it('makes nothing new where one of the two is the answer', () => {
    const union = createReasonUnion();
    const [one, none, part] = [['a', 'b'], [], ['b']];
    assert.equal(union(none, one), one);
    assert.equal(union(one, one), one);
    assert.equal(union(one, part), one);
    assert.equal(union(one, none), one);
  });

  it('still answers rightly when it remembers no more', () => {
    const union = createReasonUnion();
    for (let index = 0; index < 1_000; index += 1) assert.deepEqual(union(['a'], [String(index)]), ['a', String(index)]);
    const [one, other] = [['x'], ['y']];
    assert.notEqual(union(one, other), union(one, other));
    assert.deepEqual(union(one, other), ['x', 'y']);
  });
});
