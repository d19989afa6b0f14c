import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { openChannel } from '../../src/workers/channel.ts';
import type { CrewTimes } from '../../src/workers/crew.ts';
import { Crew } from '../../src/workers/crew.ts';
import { restartPauseMs } from '../../src/workers/restart-pause.ts';
import type { WorkerFace } from '../../src/workers/worker-faces.ts';
import type { WorkerEnd, WorkerProcess } from '../../src/workers/worker-process.ts';
import { twoEnds } from './two-ends.ts';

interface FakeWorker extends WorkerProcess {
  end(how?: Partial<WorkerEnd>): Promise<void>;
}

interface Yard {
  readonly crew: Crew;
  /** Every worker that was ever started, with its number. */
  readonly started: { readonly number: number; readonly worker: FakeWorker }[];
  readonly lines: unknown[];
  at: number;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openYard(count: number, answers: Record<string, () => unknown> = {}, times?: Partial<CrewTimes>): Yard {
  const started: Yard['started'] = [];
  const lines: unknown[] = [];
  const yard: Yard = {
    at: 0,
    started,
    lines,
    crew: new Crew({
      count,
      fork(number) {
        const worker = fakeWorker(100 + started.length, answers);
        started.push({ number, worker });
        return worker;
      },
      log: { info: () => undefined, error: (fields, message) => void lines.push([message, fields['worker'], fields['restart_in_ms']]) },
      clock: () => yard.at,
      onEnd: () => undefined,
      ...(times === undefined ? {} : { times }),
    }),
  };
  return yard;
}

function fakeWorker(pid: number, answers: Record<string, () => unknown>): FakeWorker {
  const { near, far } = twoEnds();
  const { promise: ended, resolve } = Promise.withResolvers<WorkerEnd>();
  openChannel(far, { ping: () => undefined, stop: () => resolve({ status: 0, signal: null }), ...answers });
  return {
    pid,
    channel: openChannel<WorkerFace>(near, {}),
    ended,
    kill: () => resolve({ status: null, signal: 'SIGKILL' }),
    async end(how) {
      resolve({ status: 1, signal: null, ...how });
      await turn();
    },
  };
}

describe('Crew', () => {
  it('starts the first worker alone, and the others when it serves', async () => {
    const { crew, started } = openYard(3);
    const begun = crew.begin();
    assert.deepEqual([started.map(({ number }) => number), crew.members], [[1], []]);
    crew.serves(1);
    await begun;
    crew.serves(3);
    assert.deepEqual(
      [started.map(({ number }) => number), crew.members.map(({ number }) => number)],
      [
        [1, 2, 3],
        [1, 3],
      ],
    );
    await crew.stop(0);
  });

  it('gives the start up when the first one ends before it serves', async () => {
    const { crew, started } = openYard(2);
    const begun = assert.rejects(crew.begin(), { message: 'The first worker ended before it could serve: status 1' });
    await started[0]?.worker.end();
    await begun;
    assert.equal(started.length, 1);
    await crew.stop(0);
  });

  it('replaces one that ends by itself: at once, or later where it died young', async (test) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    test.after(() => mock.timers.reset());
    const yard = openYard(2);
    const { crew, started, lines } = yard;
    void crew.begin();
    crew.serves(1);
    crew.serves(2);
    yard.at = 10_000;
    await started[1]?.worker.end();
    mock.timers.tick(0);
    assert.deepEqual([started.map(({ number }) => number), crew.restarts], [[1, 2, 2], 1]);
    await started[2]?.worker.end({ status: null, signal: 'SIGKILL' });
    mock.timers.tick(999);
    assert.equal(started.length, 3);
    mock.timers.tick(1);
    assert.deepEqual([started.length, crew.restarts, crew.members.map(({ number }) => number)], [4, 2, [1]]);
    const message = 'A worker has ended, and its connections with it; another one takes its place';
    assert.deepEqual(lines, [
      [message, 2, 0],
      [message, 2, 1_000],
    ]);
  });

  it('kills one that does not answer any more', async (test) => {
    mock.timers.enable({ apis: ['setInterval'] });
    test.after(() => mock.timers.reset());
    const { crew, started, lines } = openYard(2, { ping: () => new Promise(() => undefined) }, { pingEveryMs: 10, mostSilent: 3 });
    void crew.begin();
    crew.serves(1);
    mock.timers.tick(30);
    assert.deepEqual(lines, []);
    mock.timers.tick(10);
    assert.deepEqual(await started[0]?.worker.ended, { status: null, signal: 'SIGKILL' });
    assert.deepEqual(lines[0], ['A worker does not answer any more and is killed', 1, undefined]);
    await crew.stop(0);
  });

  it('stops those that serve with the grace given, kills those that do not yet, and later those that are late', async () => {
    const graces: unknown[] = [];
    const yard = openYard(3, {}, { lateMs: 5 });
    const { crew, started } = yard;
    void crew.begin();
    crew.serves(1);
    crew.serves(2);
    const late = started[1]?.worker;
    assert.ok(late !== undefined);
    Object.assign(late, { channel: { ...late.channel, call: async (...asked: unknown[]) => void graces.push(asked) } });
    await crew.stop(10);
    const ends = await Promise.all(started.map(({ worker }) => worker.ended));
    assert.deepEqual(
      ends.map(({ status, signal }) => status ?? signal),
      [0, 'SIGKILL', 'SIGKILL'],
    );
    assert.deepEqual([graces, started.length, crew.restarts], [[['stop', 10]], 3, 0]);
  });
});

describe('restartPauseMs()', () => {
  it('doubles from a second to thirty while each dies within ten seconds, and begins anew with one that lived', () => {
    const pauses: number[] = [];
    let quick = 0;
    for (let count = 0; count < 7; count += 1) {
      const { quickEnds, pauseMs } = restartPauseMs(quick, 9_999);
      quick = quickEnds;
      pauses.push(pauseMs);
    }
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    assert.deepEqual(restartPauseMs(quick, 10_000), { quickEnds: 0, pauseMs: 0 });
  });
});
