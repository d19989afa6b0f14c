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

  it('replaces without forgetting, and deletes', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('b', 3);
    map.delete('a');
    assert.deepEqual([map.get('a'), map.get('b')], [undefined, 3]);
  });
});
