import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Due } from '../../src/upstream/deadlines.ts';
import { Deadlines } from '../../src/upstream/deadlines.ts';

describe('Deadlines', () => {
  it('calls whoever is overdue, once, and nobody else', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let now = 0;
    using deadlines = new Deadlines({ clock: () => now, everyMs: 100 });
    const pass = (milliseconds: number): void => {
      for (let step = 0; step < milliseconds; step += 100) {
        now += 100;
        t.mock.timers.tick(100);
      }
    };
    const called: string[] = [];
    const [early, late, met] = ['early', 'late', 'met'].map((name) => dueOf(() => called.push(`${name} at ${now}`)));
    assert.ok(early !== undefined && late !== undefined && met !== undefined);
    deadlines.set(early, 1_000);
    deadlines.set(late, 2_050);
    deadlines.set(met, 1_500);
    pass(900);
    deadlines.clear(met);
    deadlines.clear(met);
    pass(2_000);
    assert.deepEqual(called, ['early at 1000', 'late at 2100']);
    assert.deepEqual([early.deadlineSlot, late.deadlineSlot, met.deadlineSlot], [undefined, undefined, undefined]);
    // Long after the timer has stopped, places are used again.
    deadlines.set(met, 300);
    assert.equal(typeof met.deadlineSlot, 'number');
    pass(500);
    assert.equal(called.at(-1), 'met at 3200');
  });

  it('may be set by whoever is called, and set anew', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let now = 0;
    using deadlines = new Deadlines({ clock: () => now, everyMs: 100 });
    const called: number[] = [];
    const again = dueOf(() => {
      called.push(now);
      if (called.length < 3) deadlines.set(again, 200);
    });
    deadlines.set(again, 100);
    deadlines.set(again, 400);
    for (now = 100; now <= 2_000; now += 100) t.mock.timers.tick(100);
    assert.deepEqual(called, [400, 600, 800]);
  });
});

function dueOf(onOverdue: () => void): Due {
  return { onOverdue, deadlineSlot: undefined };
}
