import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { OverloadWatch } from '../src/overload-watch.ts';
import { openOverloadWatch, usualOverloadLimits } from '../src/overload-watch.ts';

describe('openOverloadWatch()', () => {
  let watch: OverloadWatch;
  let at: number;
  let lags: number[];
  let changes: unknown[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    at = 0;
    lags = [];
    changes = [];
    watch = openOverloadWatch({
      limits: usualOverloadLimits,
      clock: () => at,
      onLag: (lagMs) => lags.push(lagMs),
      onChange: (...change) => changes.push(change),
    });
  });

  afterEach(() => {
    watch[Symbol.dispose]();
    mock.timers.reset();
  });

  /** Each is how late the next check comes. */
  function late(...lagsMs: readonly number[]): void {
    for (const lagMs of lagsMs) {
      at += usualOverloadLimits.everyMs + lagMs;
      mock.timers.tick(usualOverloadLimits.everyMs);
    }
  }

  it('tells how late it was each time, and never less than nothing', () => {
    late(0, 40, -20, 3_000);
    assert.deepEqual(lags, [0, 40, 0, 3_000]);
  });

  it('does not take one pause, nor the two of a large reload, nor several apart, for an overload', () => {
    late(60_000, 0, 4_000, 1_500, 999, 1_500, 10);
    assert.deepEqual([watch.isOverloaded, changes], [false, []]);
  });

  it('is overloaded after three late checks in a row, and not any more after five in time', () => {
    late(1_000, 1_000, 1_000);
    assert.deepEqual([watch.isOverloaded, changes], [true, [[true, 1_000]]]);
    late(0, 0, 0, 249);
    assert.equal(watch.isOverloaded, true);
    late(250, 0, 0, 0, 0);
    assert.equal(watch.isOverloaded, true);
    late(20);
    assert.deepEqual([watch.isOverloaded, changes.at(-1)], [false, [false, 20]]);
    late(1_000, 1_000, 1_000);
    assert.equal(watch.isOverloaded, true);
  });
});
