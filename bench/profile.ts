import { copyFileSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBenchFiles } from './bench-files.ts';
import { openPostern } from './candidates/postern.ts';
import { describeMachine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { chooseLoad } from './run.ts';
import { orderFor } from './scenarios.ts';
import { openUpstream } from './upstream.ts';

const root = join(import.meta.dirname, '..');

/** Profiles Postern under the load of each scenario, and lists where its main thread spends its time. Keeps `bench/results/ID.cpuprofile`. */
export async function profile({ scenarios, warmUpRequests }: BenchOptions, say: (line: string) => void): Promise<void> {
  const files = await makeBenchFiles();
  const load = chooseLoad(describeMachine(), files);
  const upstream = await openUpstream(files);
  for (const scenario of scenarios) {
    const directory = join(files.directory, `profile-${scenario.id}`);
    const nodeFlags = ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${directory}`];
    const postern = await openPostern({ files, upstreamPort: upstream.port, nodeFlags });
    await load.run(orderFor(scenario, { ...postern, requests: 3 * warmUpRequests }));
    await postern.stop();
    const [name] = globSync('*.cpuprofile', { cwd: directory });
    if (name === undefined) throw new Error('Postern wrote no profile');
    const kept = `bench/results/${scenario.id}.cpuprofile`;
    mkdirSync(join(root, 'bench/results'), { recursive: true });
    copyFileSync(join(directory, name), join(root, kept));
    say(`${scenario.title} (${kept})\n\n${readProfile(readFileSync(join(root, kept), 'utf8'))}\n`);
  }
  await upstream.stop();
}

/** The part of a .cpuprofile that is read here. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  /** Ids of nodes, and the time since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** The start and the warm-up are left out, and the end. */
const window = { from: 0.5, to: 0.95 };

function readProfile(text: string): string {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  const whole = timeDeltas.reduce((sum, each) => sum + each, 0);
  let time = 0;
  for (const [index, id] of samples.entries()) {
    const took = timeDeltas[index] ?? 0;
    const frame = frames.get(id);
    time += took;
    if (time < whole * window.from || time > whole * window.to || frame === undefined || frame.functionName === '(idle)') continue;
    const file = frame.url === '' ? 'native' : frame.url.replace(/^.*\/(?=(?:src|dist|node_modules)\/)/, '');
    add(byFunction, `${frame.functionName || '(anonymous)'}  ${file}${file === 'native' ? '' : `:${frame.lineNumber + 1}`}`, took);
    add(byPlace, file.startsWith('node:') ? 'node' : file.split('/').slice(0, 2).join('/'), took);
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
