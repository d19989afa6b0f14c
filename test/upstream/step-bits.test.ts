import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropped, stepBits } from '../../src/upstream/step-bits.ts';

describe('stepBits()', () => {
  it('numbers the steps that do something, and tells which of them a name wakes', () => {
    const { applied, always, wokenBy } = stepBits([
      { wakes: 'cookie', apply: 'a' },
      { wakes: 'cookie' },
      { apply: 'b' },
      { wakes: 'connection', apply: 'c' },
      { wakes: 'cookie', apply: 'd' },
    ]);
    const run = (bits: number): string => applied.flatMap(({ bit, apply }) => ((bits & bit) === 0 ? [] : [apply])).join('');
    assert.deepEqual(
      [run(always), run(wokenBy('cookie')), run(wokenBy('connection')), run(wokenBy('accept')), run(dropped)],
      ['b', 'ad', 'c', '', ''],
    );
  });
});
