import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBenchFiles } from './bench-files.ts';
import { openPostern } from './candidates/postern.ts';
import { holdContest } from './contest.ts';
import { buildFlame } from './flame/build-flame.ts';
import type { CpuProfile } from './flame/cpu-profile.ts';
import { fileOf, labelOf, selfTimes } from './flame/cpu-profile.ts';
import { foldStacks } from './flame/fold-stacks.ts';
import { writeFlame } from './flame/write-flame.ts';
import { describeMachine } from './machine.ts';
import { openStage } from './open-stage.ts';
import type { BenchOptions } from './options.ts';
import type { Scenario } from './scenarios/scenario.ts';

const root = join(import.meta.dirname, '..');
// What is narrower can't be read, and would make the drawings large.
const leastShare = 0.003;

type Say = (line: string) => void;

const silence = (): void => undefined;

/** Profiles Postern in each scenario and lists where its main thread spends its time. Keeps `bench/results/ID.cpuprofile`, and draws `docs/flame/ID.svg` when told to. */
export async function profile(options: BenchOptions, withFlame: boolean, say: Say): Promise<void> {
  for (const scenario of options.scenarios) {
    if (scenario.ratio?.to !== 'nginx') throw new Error(`Cannot profile ${scenario.id}: it starts Posterns of its own`);
    const text = await profileOne(scenario, options);
    const kept = `bench/results/${scenario.id}.cpuprofile`;
    mkdirSync(join(root, 'bench/results'), { recursive: true });
    writeFileSync(join(root, kept), text);
    const read = JSON.parse(text) as CpuProfile;
    say(`${scenario.title} (${kept})\n\n${tellProfile(read)}\n`);
    if (!withFlame) continue;
    const drawn = `docs/flame/${scenario.id}.svg`;
    mkdirSync(join(root, 'docs/flame'), { recursive: true });
    writeFileSync(join(root, drawn), writeFlame(buildFlame(foldStacks(read), leastShare), `Postern: ${scenario.title}`));
    say(`Drawn as ${drawn}\n`);
  }
}

async function profileOne(scenario: Scenario, options: BenchOptions): Promise<string> {
  const files = await makeBenchFiles();
  const directory = join(files.directory, 'profile');
  const nodeFlags = ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${directory}`];
  const alone = { ...options, peers: [] };
  {
    await using stage = await openStage({
      options: alone,
      machine: describeMachine(),
      files,
      openPosterns: async (upstreamPort) => [await openPostern({ files, upstreamPort, nodeFlags, fromSources: true })],
      onSkipped: silence,
    });
    const only = { ...stage, candidatesFor: () => stage.posterns };
    await holdContest(scenario, { stage: only, rounds: options.quick ? 1 : 3, say: silence, onMeasured: silence });
  }
  const [name] = globSync('*.cpuprofile', { cwd: directory });
  if (name === undefined) throw new Error('Postern wrote no profile');
  return readFileSync(join(directory, name), 'utf8');
}

/** By part of the program, and by function. */
function tellProfile(read: CpuProfile): string {
  const frames = new Map(read.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  for (const [id, time] of selfTimes(read)) {
    const frame = frames.get(id);
    if (frame === undefined) continue;
    const file = fileOf(frame);
    add(byFunction, labelOf(frame), time);
    add(byPlace, file.startsWith('node:') ? 'node' : file.split('/').slice(0, 2).join('/'), time);
  }
  return `${shares(byPlace, 15)}\n\n${shares(byFunction, 40)}`;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function shares(sums: ReadonlyMap<string, number>, most: number): string {
  const all = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const top = [...sums].toSorted(([, a], [, b]) => b - a).slice(0, most);
  return top.map(([key, value]) => `${((100 * value) / all).toFixed(1).padStart(6)} %  ${key}`).join('\n');
}
