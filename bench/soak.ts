import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../test/faults/fault.ts';
import { startLoad } from '../test/faults/load.ts';
import type { Scene } from '../test/faults/scene.ts';
import { appHost, openScene } from '../test/faults/scene.ts';
import type { LogLine } from '../test/walk/house.ts';
import type { Sample, SoakResult } from './soak-result.ts';
import { startTroubles } from './soak-troubles.ts';

export interface SoakOptions {
  readonly seconds: number;
  /** Told of each sample as it is taken. */
  readonly onSample?: (sample: Sample) => void;
}

type Counted = Extract<Fault, { kind: 'nothing' }>['counted'];

const people = ['alice', 'bob', 'carol', 'dave'];
const reloadEveryMs = 2_000;
const mib = 2 ** 20;

/**
 * A Postern of its own under everything that visitors do, and how its memory and its open files go meanwhile. Rejects when any answer was
 * wrong, or anything happened that nobody foresaw. Samples are taken after a collection of garbage, while the load goes on.
 */
export async function soak({ seconds, onSample = () => undefined }: SoakOptions): Promise<SoakResult> {
  await using scene = await openScene({ routes: routesOf(0), keep: isUncommon });
  const idle = await takeSample(scene, 0, 'memory and sockets');
  await using load = startLoad(scene, { people: await Promise.all(people.map((name) => scene.signIn(name))) });
  const troubles = startTroubles(scene);
  const reloads = startReloads(scene);
  const samples: Sample[] = [];
  const began = performance.now();
  const everyMs = Math.max(1_000, (seconds * 1_000) / 60);
  await load.recovered();
  while (performance.now() - began < seconds * 1_000) {
    await Promise.race([sleep(everyMs), troubles.failure]);
    const sample = await takeSample(scene, (performance.now() - began) / 1_000);
    samples.push(sample);
    onSample(sample);
  }
  await Promise.all([troubles.stop(), reloads.stop()]);
  const answered = await load.stop();
  const open = await whenAllIsOver(scene);
  scene.postern.assertSound();
  return {
    seconds,
    samples,
    idle,
    over: await whenAllIsCollected(scene, (performance.now() - began) / 1_000),
    open,
    done: { ...answered, reloads: reloads.count(), ...troubles.counts() },
  };
}

function routesOf(generation: number): string {
  return `  - name: app
    from: https://${appHost}
    to: {{upstream}}
    allow_websockets: true
    set_request_headers: {X-Generation: "${generation}"}
    policy: {allow: {and: [{domain: {is: example.com}}]}}`;
}

/** The lines of requests are too many to be kept for ten minutes. */
function isUncommon({ duration_ms: duration, failure }: LogLine): boolean {
  return duration === undefined || failure === 'internal';
}

function startReloads(scene: Scene): { count(): number; stop(): Promise<void> } {
  const state = { isOn: true, generation: 0 };
  const over = (async () => {
    while (state.isOn) {
      await sleep(reloadEveryMs);
      state.generation += 1;
      await scene.postern.configure(scene.configuration(routesOf(state.generation)));
    }
  })();
  over.catch(() => undefined);
  return {
    count: () => state.generation,
    async stop() {
      state.isOn = false;
      await over;
    },
  };
}

async function takeSample({ postern }: Scene, atSeconds: number, counted: Counted = 'memory'): Promise<Sample> {
  const { heapBytes, residentBytes, socketsHeld } = await postern.suffer({ kind: 'nothing', counted });
  const files = readdirSync(`/proc/${postern.pid}/fd`).length;
  return { atSeconds, heapMib: heapBytes / mib, residentMib: residentBytes / mib, files, socketsHeld };
}

/** The last events of a socket may come after its connection was counted as closed: a few seconds, if need be. */
async function whenAllIsCollected(scene: Scene, atSeconds: number): Promise<Sample> {
  for (let tries = 0; ; tries += 1) {
    const sample = await takeSample(scene, atSeconds, 'memory and sockets');
    if (sample.socketsHeld === 0 || tries === 5) return sample;
    await sleep(1_000);
  }
}

/** What the metrics say is still open after at most ten seconds without visitors. */
async function whenAllIsOver(scene: Scene): Promise<SoakResult['open']> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const [connections, streams] = [await scene.metric('postern_open_connections'), await scene.metric('postern_open_streams')];
    if ((connections === 0 && streams === 0) || performance.now() > deadline) return { connections, streams };
    await sleep(100);
  }
}
