import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from '../../src/config/problem.ts';
import { openChannel } from '../../src/workers/channel.ts';
import type { Member } from '../../src/workers/crew.ts';
import { reloadTogether } from '../../src/workers/reload-together.ts';
import type { Prepared, WorkerFace } from '../../src/workers/worker-faces.ts';
import { twoEnds } from './two-ends.ts';

const good: Prepared = { ok: true, warnings: [], needsRestart: ['address'] };
const problem: Problem = { severity: 'error', code: 'invalid-value', message: 'wrong', place: undefined };

/** Workers that answer so (undefined: with a fault), and everything that they were told, in order. */
function workers(...answers: readonly (Prepared | undefined)[]): { readonly members: readonly Member[]; readonly told: string[] } {
  const told: string[] = [];
  const members = answers.map((answer, index): Member => {
    const number = index + 1;
    const { near, far } = twoEnds();
    openChannel(far, {
      prepare: () => answer ?? assert.fail('a fault'),
      commit: () => void told.push(`commit ${number}`),
      abandon: () => void told.push(`abandon ${number}`),
    });
    const channel = openChannel<WorkerFace>(near, {});
    const worker = { pid: number, channel, ended: new Promise<never>(() => undefined), kill: () => void told.push(`kill ${number}`) };
    return { number, since: 0, worker };
  });
  return { members, told };
}

describe('reloadTogether()', () => {
  it('puts in force what all could build, and says beforehand that it will', async () => {
    const { members, told } = workers(good, good);
    const result = await reloadTogether(members, new Map(), (ready) =>
      told.push(`in force for ${ready.map(({ number }) => number).join()}`),
    );
    assert.deepEqual([result, told], [good, ['in force for 1,2', 'commit 1', 'commit 2']]);
  });

  it('puts nothing in force that one has something against, and tells each problem once', async () => {
    const { members, told } = workers({ ok: false, problems: [problem] }, good, { ok: false, problems: [problem] });
    const result = await reloadTogether(members, new Map(), () => told.push('in force'));
    assert.deepEqual([result, told], [{ ok: false, problems: [problem] }, ['abandon 2']]);
  });

  it('ends one that could not say anything, so that nobody goes on with what is no longer in force', async () => {
    const { members, told } = workers(undefined, good);
    const result = await reloadTogether(members, new Map(), (ready) =>
      told.push(`in force for ${ready.map(({ number }) => number).join()}`),
    );
    assert.deepEqual([result, told], [good, ['in force for 2', 'kill 1', 'commit 2']]);
  });

  it('changes nothing when nobody said anything', async () => {
    const { members, told } = workers(undefined);
    assert.deepEqual([await reloadTogether(members, new Map(), () => told.push('in force')), told], [{ ok: 'nobody' }, []]);
  });
});
