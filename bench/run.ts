import { makeBenchFiles } from './bench-files.ts';
import type { BenchFiles } from './bench-files.ts';
import type { Candidate } from './candidates/candidate.ts';
import { openNginx } from './candidates/nginx.ts';
import { openPostern } from './candidates/postern.ts';
import { createH2load } from './load/h2load.ts';
import type { LoadGenerator } from './load/load.ts';
import { ownLoad } from './load/own-load.ts';
import type { Machine } from './machine.ts';
import { describeCommit, describeMachine, nginxCommand } from './machine.ts';
import { measure } from './measure.ts';
import { runMicroBenchmarks } from './micro.ts';
import type { BenchOptions } from './options.ts';
import { proveWalk } from './prove-walk.ts';
import type { Measurement, Results } from './results.ts';
import { openUpstream } from './upstream.ts';

/** One whole run; `say` is told what happens as it happens. Everything it starts is stopped when it is over. */
export async function run(options: BenchOptions, say: (line: string) => void): Promise<Results> {
  const machine = describeMachine();
  if (machine.nginx === undefined) say('nginx is not installed: only the figures of Postern itself are measured, without ratios');
  const files = await makeBenchFiles();
  const load = chooseLoad(machine, files);
  if (load === ownLoad) say('h2load is not installed: own clients make the load, and only CPU per request is to be trusted');
  const upstream = await openUpstream(files);
  const postern = await openPostern({ files, upstreamPort: upstream.port });
  const peers = nginxCommand === undefined ? [] : [await openNginx(nginxCommand, files, upstream.port)];
  const candidates: readonly Candidate[] = [...peers, postern];
  await proveWalk(candidates, postern, files);
  say(`Postern runs ${postern.description}; ${options.rounds} rounds of ${options.seconds} s for each candidate and scenario`);
  const measurements = await measure({ ...options, candidates, load, cookie: postern.cookie, onMeasured: (each) => say(lineOf(each)) });
  for (const each of [...candidates, upstream]) await each.stop();
  say('Single steps …');
  return {
    version: 1,
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine,
    rounds: options.rounds,
    quick: options.quick,
    load: load.name,
    upstream: upstream.description,
    candidates: candidates.map(({ name, description }) => ({ name, description })),
    measurements,
    micro: await runMicroBenchmarks(options.quick ? 20 : 100),
  };
}

/** h2load where it is installed. */
export function chooseLoad({ h2load }: Machine, { directory }: BenchFiles): LoadGenerator {
  return h2load === undefined ? ownLoad : createH2load(h2load, directory);
}

function lineOf({ scenario, round, candidate, cpuMicroseconds, requestsPerSecond, p50, p99 }: Measurement): string {
  const time = `${cpuMicroseconds.toFixed(1).padStart(7)} µs CPU per request`;
  return `${scenario}  round ${round}  ${candidate.padEnd(8)}${time}  ${requestsPerSecond.toFixed(0).padStart(6)} requests/s  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`;
}
