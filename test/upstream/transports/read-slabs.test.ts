import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadSlabs, slabBytes } from '../../../src/upstream/transports/read-slabs.ts';

describe('ReadSlabs', () => {
  it('lends each slab to one at a time, and what was given back again', () => {
    const slabs = new ReadSlabs();
    const [first, second] = [borrowed(slabs), borrowed(slabs)];
    assert.notEqual(first, second);
    assert.deepEqual([first.length, second.length], [slabBytes, slabBytes]);
    slabs.giveBack(first);
    assert.equal(slabs.borrow(), first);
    assert.notEqual(slabs.borrow(), second);
  });

  it('has no more than a bound of them, however many are wanted', () => {
    const slabs = new ReadSlabs();
    const all = Array.from({ length: 32 }, () => borrowed(slabs));
    assert.equal(slabs.borrow(), undefined);
    for (const slab of all) slabs.giveBack(slab);
    // Some were kept, the others are made anew.
    const again = Array.from({ length: 32 }, () => borrowed(slabs));
    assert.equal(again.filter((slab) => all.includes(slab)).length, 8);
    assert.equal(new Set(again).size, 32);
    assert.equal(slabs.borrow(), undefined);
  });
});

function borrowed(slabs: ReadSlabs): Buffer {
  const slab = slabs.borrow();
  assert.ok(slab);
  return slab;
}
