import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Current } from '../src/current.ts';
import { createCurrent } from '../src/current.ts';
import type { Snapshot } from '../src/snapshot.ts';

/** Snapshots that write down their disposal. */
function start(): {
  readonly current: Current;
  readonly disposed: string[];
  readonly errors: unknown[];
  readonly make: (name: string) => Snapshot;
} {
  const disposed: string[] = [];
  const errors: unknown[] = [];
  const make = (name: string): Snapshot =>
    ({
      async [Symbol.asyncDispose]() {
        disposed.push(name);
        if (name === 'broken') throw new Error('cannot close');
      },
    }) as unknown as Snapshot;
  return { current: createCurrent(make('first'), (error) => errors.push(error)), disposed, errors, make };
}

describe('createCurrent()', () => {
  it('leases the snapshot in force, and a lease keeps its own over a swap', () => {
    const { current, disposed, make } = start();
    const [earlier, second] = [current.lease(), make('second')];
    current.swap(second);
    const after = current.lease();
    assert.deepEqual(
      [earlier.snapshot === after.snapshot, after.snapshot === second, current.snapshot === second, disposed],
      [false, true, true, []],
    );
  });

  it('disposes the old snapshot when its last user has gone, and no sooner', () => {
    const { current, disposed, make } = start();
    const leases = [current.lease(), current.lease()];
    current.swap(make('second'));
    leases[0]?.release();
    assert.deepEqual(disposed, []);
    leases[1]?.release();
    assert.deepEqual(disposed, ['first']);
  });

  it('disposes a snapshot that nobody uses as soon as it is replaced, and the one in force never', () => {
    const { current, disposed, make } = start();
    current.swap(make('second'));
    current.lease().release();
    current.swap(make('third'));
    current.lease().release();
    assert.deepEqual(disposed, ['first', 'second']);
  });

  it('closes when the last lease is given back and the snapshot is disposed', async () => {
    const { current, disposed } = start();
    const lease = current.lease();
    let closed = false;
    const closing = current.close().then(() => (closed = true));
    await Promise.resolve();
    assert.deepEqual([closed, disposed], [false, []]);
    lease.release();
    await closing;
    assert.deepEqual(disposed, ['first']);
  });

  it('tells of a snapshot that can’t be disposed, and closes all the same', async () => {
    const { current, errors, make } = start();
    current.swap(make('broken'));
    await current.close();
    assert.deepEqual(
      errors.map((error) => error instanceof Error && error.message),
      ['cannot close'],
    );
  });
});
