import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { describeStore } from './store-contract.ts';

describeStore('openMemoryStore()', (now) => openMemoryStore({ now }));

describe('openMemoryStore() when full', () => {
  it('refuses a new record and says what to do', async () => {
    await using store = openMemoryStore({ now: () => 0, maxRecords: 1 });
    await store.put('a', new Uint8Array(), 10);
    await assert.rejects(store.add('b', new Uint8Array(), 10), /there are 1 already, set state_directory/);
    await store.put('a', new Uint8Array([1]), 20);
    assert.equal(await store.count(''), 1);
  });

  it('makes room of what has expired', async () => {
    let now = 0;
    await using store = openMemoryStore({ now: () => now, maxRecords: 1 });
    await store.put('a', new Uint8Array(), 10);
    now = 10;
    assert.equal(await store.add('b', new Uint8Array(), 20), true);
  });
});
