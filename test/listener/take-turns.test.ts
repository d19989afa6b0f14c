import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { takeTurns } from '../../src/listener/take-turns.ts';

describe('takeTurns()', () => {
  let at: number;
  let done: string[];
  let add: ReturnType<typeof takeTurns>;

  beforeEach(() => {
    at = 0;
    done = [];
    add = takeTurns({ budgetMs: 20, now: () => at });
  });

  /** Adds tasks that take as long as they say. */
  function take(...tasksMs: readonly number[]): void {
    for (const ms of tasksMs) add(() => spend(ms));
  }

  function spend(ms: number): void {
    at += ms;
    done.push(String(ms));
  }

  /** What ran in the next turn of the event loop. */
  async function turn(): Promise<readonly string[]> {
    await new Promise(setImmediate);
    return done.splice(0);
  }

  it('runs nothing at once, then as many as fit into a turn, in their order', async () => {
    take(7, 8, 9, 10);
    assert.deepEqual(done, []);
    assert.deepEqual(await turn(), ['7', '8', '9']);
    take(11);
    assert.deepEqual([await turn(), await turn()], [['10', '11'], []]);
    take(1);
    assert.deepEqual(await turn(), ['1']);
  });

  it('counts what a task leaves to the next tick', async () => {
    for (const ms of [15, 16, 17]) add(() => process.nextTick(spend, ms));
    assert.deepEqual([await turn(), await turn(), await turn()], [['15', '16'], ['17'], []]);
  });

  it('runs one that takes longer than a turn alone', async () => {
    take(50, 60, 1);
    assert.deepEqual([await turn(), await turn(), await turn()], [['50'], ['60'], ['1']]);
  });
});
