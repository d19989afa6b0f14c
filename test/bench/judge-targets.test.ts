import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTargets } from '../../bench/judge-targets.ts';
import type { Target } from '../../bench/targets.ts';
import { targets } from '../../bench/targets.ts';
import { scenarios } from '../../bench/scenarios/scenarios.ts';
import { resultsOf, rounds } from './results-of-test.ts';

const target = (what: string, measured: Target['measured'], needs: readonly string[] = []): Target => ({
  what,
  unit: 'ms',
  must: { kind: 'at most', value: 10 },
  goal: { kind: 'at most', value: 5 },
  needs,
  measured,
});

const memory = (sessions: number, remembered = sessions) => ({
  scenario: 'session-memory',
  candidate: 'postern',
  round: 1,
  figures: { sessions, remembered, addedResidentMib: 42 },
});

describe('judgeTargets()', () => {
  it('says which bound is kept, the bound itself included', () => {
    const table = [5, 5.1, 10, 10.1].map((value) => target(String(value), () => value));
    assert.deepEqual(
      judgeTargets(resultsOf(), table).map(({ what, verdict }) => [what, verdict]),
      [
        ['5', 'goal reached'],
        ['5.1', 'must kept'],
        ['10', 'must kept'],
        ['10.1', 'must missed'],
      ],
    );
  });

  it('turns round where more is better', () => {
    const more = { ...target('more', () => 1.8), must: { kind: 'at least', value: 1.7 }, goal: { kind: 'at least', value: 1.9 } } as const;
    assert.equal(judgeTargets(resultsOf(), [more])[0]?.verdict, 'must kept');
  });

  it('says why something was not measured, and nothing of what nobody wanted to know', () => {
    const skipped = [{ what: 'websocket', why: 'nginx is not installed', isBroken: false }];
    const table = [
      target('left out', () => undefined, ['websocket']),
      target('not wanted', () => undefined),
      target('another machine', () => 'takes three cores'),
    ];
    assert.deepEqual(
      judgeTargets(resultsOf({ skipped }), table).map(({ what, measured, verdict, why }) => [what, measured, verdict, why]),
      [
        ['left out', undefined, 'not measured', 'nginx is not installed'],
        ['another machine', undefined, 'not measured', 'takes three cores'],
      ],
    );
  });
});

describe('targets', () => {
  it('are never easier to reach than what must be', () => {
    for (const { what, must, goal } of targets) {
      assert.equal(must.kind, goal.kind, what);
      assert.ok(must.kind === 'at most' ? goal.value <= must.value : goal.value >= must.value, what);
    }
  });

  it('name scenarios that exist, or peers', () => {
    const known = new Set([...scenarios.map(({ id }) => id), 'nginx', 'pomerium', 'nginx + oauth2-proxy']);
    assert.deepEqual(
      targets.flatMap(({ needs }) => needs).filter((needed) => !known.has(needed)),
      [],
    );
  });

  it('compare with a peer round by round', () => {
    const measurements = [...rounds('http1', 'postern', [20, 40]), ...rounds('http1', 'pomerium', [1_000, 3_000])];
    const [judged] = judgeTargets(resultsOf({ measurements })).filter(({ what }) => what.includes('Pomerium'));
    assert.deepEqual([judged?.measured, judged?.verdict], [62.5, 'goal reached']);
  });

  it('say of 100,000 sessions nothing that was measured with fewer, or with some that were forgotten, and of two workers nothing without a core for the load', () => {
    const workers = ['one worker', 'two workers'].map((candidate, index) => ({
      scenario: 'workers',
      candidate,
      round: 1,
      figures: { requestsPerSecond: 1_000 * (index + 1) },
    }));
    const { machine } = resultsOf();
    const judged = [
      ...judgeTargets(resultsOf({ measurements: [memory(20_000)] })),
      ...judgeTargets(resultsOf({ measurements: [memory(100_000, 98_999)] })),
      ...judgeTargets(resultsOf({ measurements: [memory(100_000)] })),
      ...judgeTargets(resultsOf({ measurements: workers, machine: { ...machine, cores: 2 } })),
      ...judgeTargets(resultsOf({ measurements: workers })),
    ];
    assert.deepEqual(
      judged.map(({ measured, verdict, why }) => [measured, verdict, why]),
      [
        [undefined, 'not measured', 'a short run has 20000 sessions'],
        [undefined, 'not measured', 'the process remembered 98999 of 100000 sessions'],
        [42, 'goal reached', undefined],
        [undefined, 'not measured', 'takes three cores, one of them for the load'],
        [2, 'goal reached', undefined],
      ],
    );
  });
});
