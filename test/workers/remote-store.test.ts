import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openChannel } from '../../src/workers/channel.ts';
import type { StoreFace } from '../../src/workers/remote-store.ts';
import { openRemoteStore, storeFace } from '../../src/workers/remote-store.ts';
import { shareStore } from '../../src/workers/shared-store.ts';
import { describeStore } from '../store/store-contract.ts';
import { twoEnds } from './two-ends.ts';

describeStore('openRemoteStore()', (now) => {
  const { near, far } = twoEnds();
  openChannel(far, storeFace(openMemoryStore({ now })));
  return openRemoteStore(openChannel<StoreFace>(near, {}));
});

describe('openRemoteStore() without the other process', () => {
  it('rejects, so that whoever needs the store is refused', async () => {
    const { near, cut } = twoEnds();
    const store = openRemoteStore(openChannel<StoreFace>(near, {}));
    cut();
    await assert.rejects(store.get('session/1'), { message: 'The other process is gone' });
  });
});

describeStore('shareStore()', (now) => shareStore(openMemoryStore({ now }), async () => undefined).store);

describe('shareStore()', () => {
  it('has told the others of a removal and of a replacement before it is over, and of nothing that did not happen', async () => {
    const told: string[] = [];
    const slowly = async (key: string): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      told.push(key);
    };
    await using store = shareStore(openMemoryStore({ now: () => 0 }), slowly).store;
    const value = new Uint8Array([1]);
    await store.put('session/1', value, 10);
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told.splice(0), ['session/1']);
    await store.remove('session/1');
    assert.deepEqual(told.splice(0), ['session/1']);
    await store.remove('session/1');
    assert.equal(await store.replace('session/1', value, value, 10), false);
    assert.deepEqual(told, []);
  });

  it('is over all the same where the others can not be told', async () => {
    await using store = shareStore(openMemoryStore({ now: () => 0 }), () => Promise.reject(new Error('gone'))).store;
    await store.put('session/1', new Uint8Array(), 10);
    assert.equal(await store.remove('session/1'), true);
  });

  it('tells those who listen here what others changed, until they are done', () => {
    const heard: string[] = [];
    const { store, tellChanged } = shareStore(openMemoryStore({ now: () => 0 }), async () => undefined);
    const listening = store.onChange?.((key) => heard.push(key));
    tellChanged('session/1');
    listening?.[Symbol.dispose]();
    tellChanged('session/2');
    assert.deepEqual(heard, ['session/1']);
  });
});
