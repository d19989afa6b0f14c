import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openChannel } from '../../src/workers/channel.ts';
import { twoEnds } from './two-ends.ts';

type Arithmetic = {
  readonly double: (value: number) => Promise<number>;
  readonly fail: () => never;
  readonly never: () => Promise<void>;
};

const arithmetic: Arithmetic = {
  double: async (value) => value * 2,
  fail() {
    throw new Error('out of numbers');
  },
  never: () => new Promise(() => undefined),
};

describe('openChannel()', () => {
  it('brings each question its own answer, both ways', async () => {
    const { near, far } = twoEnds();
    const [here, there] = [openChannel<Arithmetic>(near, arithmetic), openChannel<Arithmetic>(far, arithmetic)];
    assert.deepEqual(await Promise.all([here.call('double', 1), there.call('double', 2), here.call('double', 3)]), [2, 4, 6]);
  });

  it('rejects with what the other side says went wrong', async () => {
    const { near, far } = twoEnds();
    openChannel(far, arithmetic);
    await assert.rejects(openChannel<Arithmetic>(near, {}).call('fail', undefined), { message: 'out of numbers' });
  });

  it('lets questions wait for whoever will answer them, and tells them when nobody does', async () => {
    const { near, far } = twoEnds();
    const answers = Promise.withResolvers<Arithmetic>();
    openChannel(far, answers.promise);
    const answer = openChannel<Arithmetic>(near, {}).call('double', 4);
    answers.resolve(arithmetic);
    assert.equal(await answer, 8);
    const [lone, other] = [twoEnds(), Promise.reject(new Error('it could not begin'))];
    openChannel(lone.far, other);
    await assert.rejects(openChannel<Arithmetic>(lone.near, {}).call('double', 4), { message: 'it could not begin' });
  });

  it('gives up in time, and knows late answers no more', async () => {
    const { near, far } = twoEnds();
    openChannel(far, arithmetic);
    await assert.rejects(openChannel<Arithmetic>(near, {}).call('never', undefined, 5), {
      message: 'Another process did not answer "never" in 5 ms',
    });
  });

  it('rejects what is waiting, and everything after it, when the other side is gone', async () => {
    const { near, far, cut } = twoEnds();
    openChannel(far, arithmetic);
    const channel = openChannel<Arithmetic>(near, {});
    const waiting = assert.rejects(channel.call('never', undefined), { message: 'The other process is gone' });
    cut();
    await waiting;
    await channel.closed;
    await assert.rejects(channel.call('double', 1), { message: 'The other process is gone' });
  });

  it('takes no more questions than can be answered', async () => {
    const channel = openChannel<Arithmetic>(twoEnds().near, {});
    for (let count = 0; count < 10_000; count += 1) channel.call('never', undefined).catch(() => undefined);
    await assert.rejects(channel.call('double', 1), { message: 'Cannot ask another process "double": 10000 questions are waiting' });
  });
});
