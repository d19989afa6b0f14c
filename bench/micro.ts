import { makeMicroCases } from './micro-cases.ts';
import type { MicroResult } from './results.ts';
import { median } from './statistics.ts';

/** One step of the walk by itself. What it gives back is used, so that no compiler leaves it out. */
export interface MicroCase {
  readonly name: string;
  readonly run: () => unknown;
}

export interface MicroOptions {
  /** Of one batch, of which there are several. */
  readonly batchMs: number;
  /** Whether to read lists of a million entries too, which takes many seconds. */
  readonly withLongLists: boolean;
}

const batches = 7;

/** The steps of the walk, each run over and over, in turns with all others; the median of its batches, in µs of CPU time for one call. */
export async function runMicroBenchmarks({ batchMs, withLongLists }: MicroOptions): Promise<readonly MicroResult[]> {
  const cases = (await makeMicroCases(withLongLists)).map(({ name, run }) => ({ name, run, calls: callsWithin(run, batchMs), times: [] }));
  const timed: readonly (MicroCase & { readonly calls: number; readonly times: number[] })[] = cases;
  for (let batch = 0; batch < batches; batch += 1) for (const { run, calls, times } of timed) times.push(timeOf(run, calls) / calls);
  return timed.map(({ name, times }) => ({ name, microseconds: median(times) }));
}

/** Doubles until a batch takes long enough, which warms up as well. */
function callsWithin(run: () => unknown, batchMs: number): number {
  // From one: reading a long list takes most of a second.
  let calls = 1;
  while (timeOf(run, calls) < batchMs * 1_000) calls *= 2;
  return calls;
}

let used: unknown;

/** In µs of this thread: what others do on the machine does not count, and neither does garbage that other threads collect. */
function timeOf(run: () => unknown, calls: number): number {
  const from = process.threadCpuUsage();
  for (let call = 0; call < calls; call += 1) used = run();
  const { user, system } = process.threadCpuUsage(from);
  return user + system;
}

/** The last result of all; reading it anywhere keeps every run alive. */
export function lastUsed(): unknown {
  return used;
}
