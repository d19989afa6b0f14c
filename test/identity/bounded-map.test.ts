import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBoundedMap } from '../../src/identity/bounded-map.ts';

describe('createBoundedMap()', () => {
  it('forgets what was not asked for longest', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3]);
  });

  it('forgets as many as one that weighs more has pushed out', () => {
    const map = createBoundedMap<string, number>(10, (value) => value);
    for (const [key, value] of [
      ['a', 4],
      ['b', 4],
      ['b', 1],
      ['c', 5],
      ['d', 6],
    ] as const)
      map.set(key, value);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => map.get(key)),
      [undefined, undefined, undefined, 6],
    );
    map.set('e', 11);
    map.set('f', 10);
    assert.deepEqual(
      ['d', 'e', 'f'].map((key) => map.get(key)),
      [undefined, undefined, 10],
    );
    map.delete('f');
    map.delete('f');
    for (const key of ['g', 'h']) map.set(key, 5);
    assert.deepEqual(
      ['g', 'h'].map((key) => map.get(key)),
      [5, 5],
    );
  });

  it('replaces without forgetting, and deletes', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('b', 3);
    map.delete('a');
    assert.deepEqual([map.get('a'), map.get('b')], [undefined, 3]);
  });

  it('tells what its limit made it forget, and not what was deleted or replaced', () => {
    const told: [string, number][] = [];
    const map = createBoundedMap<string, number>(
      3,
      (value) => value,
      (key, value) => void told.push([key, value]),
    );
    map.set('a', 1);
    map.set('a', 2);
    map.delete('a');
    map.set('b', 1);
    map.set('c', 1);
    map.set('b', 2);
    map.set('d', 2);
    assert.deepEqual(told, [
      ['c', 1],
      ['b', 2],
    ]);
  });
});
