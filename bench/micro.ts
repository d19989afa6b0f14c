import { makeMicroCases } from './micro-cases.ts';
import type { MicroResult } from './results.ts';
import { median } from './statistics.ts';

/** One step of the walk by itself. What it gives back is used, so that no compiler leaves it out. */
export interface MicroCase {
  readonly name: string;
  readonly run: () => unknown;
}

const batches = 7;

/** The steps of the walk, each run over and over for `batchMs` several times; the median of the batches, in µs for one call. */
export async function runMicroBenchmarks(batchMs: number): Promise<readonly MicroResult[]> {
  const results: MicroResult[] = [];
  for (const { name, run } of await makeMicroCases()) {
    const calls = callsWithin(run, batchMs);
    const times = Array.from({ length: batches }, () => timeOf(run, calls) / calls);
    results.push({ name, microseconds: median(times) * 1000 });
  }
  return results;
}

/** Doubles until a batch takes long enough, which warms up as well. */
function callsWithin(run: () => unknown, batchMs: number): number {
  // From one: reading a long list takes most of a second.
  let calls = 1;
  while (timeOf(run, calls) < batchMs) calls *= 2;
  return calls;
}

let used: unknown;

function timeOf(run: () => unknown, calls: number): number {
  const from = performance.now();
  for (let call = 0; call < calls; call += 1) used = run();
  return performance.now() - from;
}

/** The last result of all; reading it anywhere keeps every run alive. */
export function lastUsed(): unknown {
  return used;
}
