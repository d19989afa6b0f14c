import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { LiveStream, Standing } from '../../src/live/live-streams.ts';
import { createLiveStreams } from '../../src/live/live-streams.ts';

interface Named extends LiveStream {
  readonly name: string;
}

const everyMs = 2_000;

/** Streams that are worth what `standings` says; what happens to them is written down. */
function openStreams(standingOf: (name: string) => Standing) {
  const told: string[] = [];
  const streams = createLiveStreams<Named>({
    everyMs,
    judge({ name }) {
      told.push(`judged ${name}`);
      return standingOf(name);
    },
    abandon: ({ name }) => void told.push(`abandoned ${name}`),
    onFault: (error) => void told.push(`fault: ${String(error)}`),
  });
  return { streams, told };
}

function stream(name: string): Named {
  return { name, liveSlot: undefined };
}

const allowed: Standing = { kind: 'allowed' };
const unknown: Standing = { kind: 'unknown', until: Promise.resolve() };

/** Lets `count` rounds pass, each to its end: the clock is ours, the turns of the event loop are not. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    mock.timers.tick(everyMs);
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('createLiveStreams()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  it('judges every stream once a round, and none that was removed', async () => {
    const { streams, told } = openStreams(() => allowed);
    const [a, b] = [stream('a'), stream('b')];
    streams.add(a);
    streams.add(b);
    await rounds(1);
    streams.remove(a);
    await rounds(1);
    assert.deepEqual(told, ['judged a', 'judged b', 'judged b']);
    assert.deepEqual(streams.list(), [b]);
    streams[Symbol.dispose]();
  });

  it('judges a thousand in one round, over several turns, so that requests get theirs', async () => {
    const { streams, told } = openStreams(() => allowed);
    for (let index = 0; index < 1_000; index += 1) streams.add(stream(String(index)));
    mock.timers.tick(everyMs);
    assert.ok(told.length < 200, 'the first turn judges some');
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.length, 1_000);
    streams[Symbol.dispose]();
  });

  it('ends a few in one turn, because an end takes its time', async () => {
    const { streams, told } = openStreams(() => ({ kind: 'ended' }));
    for (let index = 0; index < 30; index += 1) streams.add(stream(String(index)));
    mock.timers.tick(everyMs);
    assert.equal(told.length, 5);
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([told.length, streams.list()], [30, []]);
    streams[Symbol.dispose]();
  });

  it('judges what is unknown once more when it can be known, and lets it be for this round', async () => {
    let known = false;
    const { streams, told } = openStreams(() =>
      known ? allowed : { kind: 'unknown', until: Promise.resolve().then(() => void (known = true)) },
    );
    streams.add(stream('a'));
    await rounds(1);
    assert.deepEqual(told, ['judged a', 'judged a']);
    await rounds(1);
    assert.deepEqual(told, ['judged a', 'judged a', 'judged a']);
    streams[Symbol.dispose]();
  });

  it('abandons what stays unknown for half a minute, and not before', async () => {
    const { streams, told } = openStreams(() => unknown);
    streams.add(stream('a'));
    await rounds(14);
    assert.equal(told.includes('abandoned a'), false);
    await rounds(1);
    assert.equal(told.at(-1), 'abandoned a');
    streams[Symbol.dispose]();
  });

  it('counts the unknown rounds anew after one that is known', async () => {
    let known = false;
    const { streams, told } = openStreams(() => (known ? allowed : unknown));
    streams.add(stream('a'));
    await rounds(14);
    known = true;
    await rounds(1);
    known = false;
    await rounds(14);
    assert.equal(told.includes('abandoned a'), false);
    streams[Symbol.dispose]();
  });

  it('leaves alone what has ended, or was abandoned, though it takes its time to go', async () => {
    const { streams, told } = openStreams((name) => (name === 'silent' ? unknown : { kind: 'ended' }));
    streams.add(stream('over'));
    streams.add(stream('silent'));
    await rounds(20);
    assert.deepEqual([told.filter((each) => each.endsWith('over')).length, told.at(-1)], [1, 'abandoned silent']);
    assert.deepEqual(streams.list(), []);
    streams[Symbol.dispose]();
  });

  it('abandons in the same time what waits for an answer that never comes', async () => {
    const { streams, told } = openStreams(() => ({ kind: 'unknown', until: new Promise(() => undefined) }));
    streams.add(stream('a'));
    await rounds(14);
    assert.equal(told.includes('abandoned a'), false);
    await rounds(2);
    assert.equal(told.at(-1), 'abandoned a');
    streams[Symbol.dispose]();
  });

  it('is not kept from the others by one whose judgement fails, and abandons that one in the end', async () => {
    const { streams, told } = openStreams((name) => (name === 'bad' ? assert.fail('no judgement') : allowed));
    streams.add(stream('bad'));
    streams.add(stream('good'));
    await rounds(1);
    assert.deepEqual(told, ['judged bad', 'fault: AssertionError [ERR_ASSERTION]: no judgement', 'judged good']);
    await rounds(14);
    assert.equal(told.includes('abandoned bad'), true);
    streams[Symbol.dispose]();
  });

  it('judges nobody after it was disposed', async () => {
    const { streams, told } = openStreams(() => allowed);
    streams.add(stream('a'));
    streams[Symbol.dispose]();
    await rounds(2);
    assert.deepEqual(told, []);
  });
});
