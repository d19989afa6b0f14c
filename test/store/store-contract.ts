import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../src/store/store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : new TextDecoder().decode(value));

/** What every store must do, whatever it is made of. `open` gives a fresh, empty one that reads the time from `now`. */
export function describeStore(name: string, open: (now: () => number) => Store): void {
  describe(name, () => {
    it('gives back the bytes that were put, and nothing for a key that was not', async () => {
      await using store = open(() => 0);
      await store.put('a', new Uint8Array([0, 255, 10]), 10);
      assert.deepEqual([[...((await store.get('a')) ?? [])], await store.get('b')], [[0, 255, 10], undefined]);
    });

    it('replaces value and end of life when a key is put again', async () => {
      let now = 0;
      await using store = open(() => now);
      await store.put('a', bytes('one'), 10);
      await store.put('a', bytes('two'), 30);
      now = 20;
      assert.equal(text(await store.get('a')), 'two');
    });

    it('forgets a record at the very millisecond it expires', async () => {
      let now = 0;
      await using store = open(() => now);
      await store.put('a', bytes('one'), 10);
      now = 9;
      assert.equal(text(await store.get('a')), 'one');
      now = 10;
      assert.deepEqual([await store.get('a'), await store.remove('a'), await store.count('')], [undefined, false, 0]);
    });

    it('adds only where nothing unexpired stands', async () => {
      let now = 0;
      await using store = open(() => now);
      const first = await store.add('a', bytes('one'), 10);
      const second = await store.add('a', bytes('two'), 10);
      const kept = text(await store.get('a'));
      now = 10;
      const third = await store.add('a', bytes('three'), 20);
      assert.deepEqual([first, second, kept, third, text(await store.get('a'))], [true, false, 'one', true, 'three']);
    });

    it('lets exactly one of many that add the same key at once succeed', async () => {
      await using store = open(() => 0);
      const results = await Promise.all(Array.from({ length: 20 }, async (_, index) => store.add('a', bytes(String(index)), 10)));
      assert.equal(results.filter(Boolean).length, 1);
    });

    it('says whether there was something to remove, and removes only that', async () => {
      await using store = open(() => 0);
      await store.put('a', bytes('one'), 10);
      await store.put('ab', bytes('two'), 10);
      assert.deepEqual([await store.remove('a'), await store.remove('a'), text(await store.get('ab'))], [true, false, 'two']);
    });

    it('counts unexpired records by prefix, taking the prefix literally', async () => {
      let now = 0;
      await using store = open(() => now);
      for (const [key, expiresAt] of [
        ['s/1', 10],
        ['s/2', 30],
        ['s/', 30],
        ['t/1', 30],
        ['s%', 30],
        ['S/3', 30],
      ] as const)
        await store.put(key, bytes(''), expiresAt);
      now = 20;
      assert.deepEqual([await store.count('s/'), await store.count('s%'), await store.count('s_'), await store.count('')], [2, 1, 0, 5]);
    });

    it('replaces only what stands there unexpired, byte for byte', async () => {
      let now = 0;
      await using store = open(() => now);
      await store.put('a', bytes('one'), 10);
      const results = [
        await store.replace('a', bytes('two'), bytes('three'), 10),
        await store.replace('b', bytes(''), bytes('three'), 10),
        await store.replace('a', bytes('one'), bytes('two'), 20),
      ];
      now = 19;
      const kept = text(await store.get('a'));
      now = 20;
      assert.deepEqual([results, kept, await store.replace('a', bytes('two'), bytes('x'), 30)], [[false, false, true], 'two', false]);
    });

    it('leaves room where something was replaced by what has expired', async () => {
      await using store = open(() => 5);
      await store.put('a', bytes('one'), 10);
      const replaced = await store.replace('a', bytes('one'), bytes(''), 0);
      const read = await store.get('a');
      assert.deepEqual([replaced, read, await store.add('a', bytes('two'), 10)], [true, undefined, true]);
    });

    it('names the unexpired keys of a prefix, taking the prefix literally', async () => {
      let now = 0;
      await using store = open(() => now);
      for (const key of ['l/a', 'l/ü🔑', 'l', 'l%', 'm/a', 'L/a', 'l0']) await store.put(key, bytes(''), 30);
      await store.put('l/old', bytes(''), 10);
      now = 20;
      const named = await Promise.all(['l/', 'l_', 'x', ''].map(async (prefix) => (await store.keys(prefix)).toSorted()));
      assert.deepEqual(named, [['l/a', 'l/ü🔑'], [], [], ['L/a', 'l', 'l%', 'l/a', 'l/ü🔑', 'l0', 'm/a']]);
    });

    it('keeps nothing of the arrays that go in and out', async () => {
      await using store = open(() => 0);
      const value = bytes('one');
      await store.put('a', value, 10);
      value[0] = 0;
      const read = await store.get('a');
      read?.fill(0);
      assert.equal(text(await store.get('a')), 'one');
    });

    it('takes a quotation mark, a NUL and letters of any script in a key', async () => {
      await using store = open(() => 0);
      for (const key of ["a'); DROP TABLE record; --", 'a\0b', 'ключ 🔑']) {
        await store.put(key, bytes(key), 10);
        assert.equal(text(await store.get(key)), key);
      }
    });
  });
}
