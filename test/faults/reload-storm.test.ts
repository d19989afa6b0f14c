import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Told } from './load.ts';
import { startLoad } from './load.ts';
import type { Scene } from './scene.ts';
import { appHost, openScene } from './scene.ts';

/** Each generation of the configuration names itself to the upstream; carol is let in by every other one. */
function routesOf(generation: number): string {
  const people = isOpenToCarol(generation)
    ? '[alice@example.com, bob@example.com, carol@example.com]'
    : '[alice@example.com, bob@example.com]';
  return `  - name: app
    from: https://${appHost}
    to: {{upstream}}
    allow_websockets: true
    set_request_headers: {X-Generation: "${generation}"}
    policy: {allow: {and: [{email: {in: ${people}}}]}}`;
}

function isOpenToCarol(generation: number): boolean {
  return generation % 2 === 0;
}

describe('a reload every second, and twenty in one', () => {
  it('loses no request, and answers each by a configuration that was in force while it was asked', async () => {
    await using scene = await openScene({ routes: routesOf(0) });
    const [alice, bob, carol] = await Promise.all([scene.signIn('alice'), scene.signIn('bob'), scene.signIn('carol')]);
    const state = { written: 0, seen: 0 };
    const begin = (): number => state.seen;

    function judge({ person, outcome, generation, begun }: Told): string | undefined {
      // What somebody has seen in force is in force from then on; what was not written yet is not.
      const [earliest, latest] = [begun, state.written];
      if (generation !== undefined) {
        if (generation < earliest || generation > latest) return `answered by ${generation}, not by ${earliest} to ${latest}`;
        state.seen = Math.max(state.seen, generation);
        return person === carol && !isOpenToCarol(generation) ? `carol was let in by ${generation}` : undefined;
      }
      if (outcome !== 403) return undefined;
      const range = Array.from({ length: latest - earliest + 1 }, (_, index) => earliest + index);
      return range.every(isOpenToCarol) ? `refused by one of ${range.join()}` : undefined;
    }

    // Alice's and Bob's WebSockets are theirs under every configuration.
    await using allowed = startLoad(scene, { people: [alice, bob], begin, judge });
    await using now = startLoad(scene, { people: [carol], protocols: ['http1', 'http2'], begin, judge });
    now.allow(403);
    await Promise.all([allowed.recovered(), now.recovered()]);
    for (let second = 0; second < 2; second += 1) {
      await writeNext(scene, state);
      await sleep(1_000);
    }
    for (let each = 0; each < 20; each += 1) {
      await writeNext(scene, state);
      scene.postern.signal('SIGHUP');
      await sleep(50);
    }
    while (state.seen < state.written) await sleep(20);
    await allowed.recovered();
    assert.deepEqual(Object.keys(await allowed.stop()).toSorted(), ['200', 'echoed']);
    assert.deepEqual(Object.keys(await now.stop()).toSorted(), ['200', '403']);
    scene.postern.assertSound();
  });
});

async function writeNext(scene: Scene, state: { written: number }): Promise<void> {
  state.written += 1;
  await scene.postern.configure(scene.configuration(routesOf(state.written)));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
