import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Slots } from '../../src/revocation/take-slots.ts';
import { createSlots } from '../../src/revocation/take-slots.ts';

/** Tasks that end when they are told to, in the order in which they began. */
function stage(slots: Slots): {
  readonly begun: string[];
  start: (name: string, signal?: AbortSignal) => Promise<string | undefined>;
  end: (name: string) => Promise<void>;
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    start: (name, signal = new AbortController().signal) =>
      slots.take(name.slice(0, 1), signal, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        return name;
      }),
    async end(name) {
      ends.get(name)?.();
      await new Promise(setImmediate);
    },
  };
}

describe('createSlots()', () => {
  it('lets so many in at once, fewer of one origin, and the others in their turn', async () => {
    const { begun, start, end } = stage(createSlots({ atOnce: 3, atOnceOfOne: 2, waitingForOne: 10 }));
    const all = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => start(name));
    assert.deepEqual(begun, ['a1', 'a2', 'b1']);
    await end('b1');
    assert.deepEqual(begun, ['a1', 'a2', 'b1', 'b2']);
    await end('a1');
    await end('a2');
    assert.deepEqual(begun, ['a1', 'a2', 'b1', 'b2', 'a3', 'c1']);
    for (const name of ['b2', 'a3', 'c1']) await end(name);
    assert.deepEqual(await Promise.all(all), ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']);
  });

  it('begins nothing for those who gave up, nor when too many wait', async () => {
    const { begun, start, end } = stage(createSlots({ atOnce: 1, atOnceOfOne: 1, waitingForOne: 1 }));
    const impatient = new AbortController();
    const first = start('a1');
    const second = start('b1', impatient.signal);
    assert.equal(await start('b2'), undefined);
    impatient.abort();
    assert.equal(await second, undefined);
    assert.equal(await start('d1', impatient.signal), undefined);
    const third = start('e1');
    await end('a1');
    await end('e1');
    assert.deepEqual([await first, await third, begun], ['a1', 'e1', ['a1', 'e1']]);
  });

  it('has a line for each origin: a long one of those who wait for another keeps nobody out', async () => {
    const { begun, start, end } = stage(createSlots({ atOnce: 4, atOnceOfOne: 1, waitingForOne: 1 }));
    const all = ['a1', 'a2', 'b1', 'b2'].map((name) => start(name));
    assert.equal(await start('a3'), undefined);
    for (const name of ['b1', 'b2', 'a1', 'a2']) await end(name);
    assert.deepEqual(
      [await Promise.all(all), begun],
      [
        ['a1', 'a2', 'b1', 'b2'],
        ['a1', 'b1', 'b2', 'a2'],
      ],
    );
  });

  it('gives the place back when a task fails', async () => {
    const slots = createSlots({ atOnce: 1, atOnceOfOne: 1, waitingForOne: 0 });
    const { signal } = new AbortController();
    await assert.rejects(
      slots.take('a', signal, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await slots.take('a', signal, async () => 1), 1);
  });
});
