import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { Stallable, StallWatch } from '../../src/listener/stall-watch.ts';
import { createStallWatch } from '../../src/listener/stall-watch.ts';

describe('createStallWatch()', () => {
  let watch: StallWatch;
  let aborted: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    watch = createStallWatch({ stallMs: 3_000, everyMs: 1_000 });
    aborted = [];
  });

  afterEach(() => {
    watch[Symbol.dispose]();
    mock.timers.reset();
  });

  function sink(name: string): Stallable {
    return { stallSlot: undefined, endStalled: () => void aborted.push(name) };
  }

  it('cuts once whoever takes nothing for the whole time, counted from the first call', () => {
    const slow = sink('slow');
    watch.waiting(slow);
    mock.timers.tick(3_000);
    watch.waiting(slow);
    assert.deepEqual(aborted, []);
    mock.timers.tick(1_000);
    assert.deepEqual(aborted, ['slow']);
    mock.timers.tick(10_000);
    assert.deepEqual(aborted, ['slow']);
  });

  it('begins anew when the client took something', () => {
    const steady = sink('steady');
    for (let turn = 0; turn < 5; turn += 1) {
      watch.waiting(steady);
      mock.timers.tick(3_000);
      watch.moved(steady);
    }
    watch.moved(steady);
    assert.deepEqual(aborted, []);
  });

  it('keeps apart those that wait at the same time, also where one takes the place of another', () => {
    const [first, second, third] = [sink('first'), sink('second'), sink('third')];
    watch.waiting(first);
    watch.waiting(second);
    watch.moved(first);
    mock.timers.tick(2_000);
    watch.waiting(third);
    watch.moved(first);
    mock.timers.tick(2_000);
    assert.deepEqual(aborted, ['second']);
    mock.timers.tick(2_000);
    assert.deepEqual(aborted, ['second', 'third']);
  });
});
