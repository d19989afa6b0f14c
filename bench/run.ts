import type { BenchFiles } from './bench-files.ts';
import { makeBenchFiles } from './bench-files.ts';
import type { OpenStage, StageOptions } from './open-stage.ts';
import { openStage } from './open-stage.ts';
import { holdContest } from './contest.ts';
import { describeCommit, describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { runMicroBenchmarks } from './micro.ts';
import type { BenchOptions } from './options.ts';
import type { Measurement, MicroResult, Results, Skipped } from './results.ts';
import type { Scenario } from './scenarios/scenario.ts';

export type Say = (line: string) => void;

export interface RunOptions {
  readonly options: BenchOptions;
  readonly say: Say;
  /** What to measure; left out: the Postern of this checkout. */
  readonly openPosterns?: StageOptions['openPosterns'];
  /** Left out: made for this run. */
  readonly files?: BenchFiles;
}

/** One whole run; `say` is told what happens as it happens. Everything it starts is stopped when it is over. */
export async function run({ options, say, openPosterns, files: given }: RunOptions): Promise<Results> {
  const machine = describeMachine();
  const skipped: Skipped[] = [];
  const skip = (each: Skipped): void => {
    skipped.push(each);
    say(`  ${each.what} is left out: ${each.why}`);
  };
  if (machine.h2load === undefined) say('h2load is not installed: own clients make the load, and only CPU time is to be trusted');
  const files = given ?? (await makeBenchFiles());
  await using stage = await openStage({
    options,
    machine,
    files,
    onSkipped: skip,
    ...(openPosterns === undefined ? {} : { openPosterns }),
  });
  say(`Measured: ${stage.candidates.map(({ name, description }) => `${name} (${description})`).join('; ')}`);
  const measurements = await measure(options, { stage, say, skip, machine });
  const micro = await steps(options, say);
  return {
    version: 2,
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine,
    rounds: options.rounds,
    quick: options.quick,
    load: stage.load.name,
    upstream: stage.upstream.description,
    candidates: stage.candidates.map(({ name, description }) => ({ name, description })),
    skipped,
    measurements,
    micro,
  };
}

interface Measuring {
  readonly stage: OpenStage;
  readonly say: Say;
  readonly skip: (skipped: Skipped) => void;
  readonly machine: Machine;
}

/** A scenario that fails is left out, and the others are measured all the same: a whole run takes half an hour. */
async function measure(options: BenchOptions, { stage, say, skip, machine }: Measuring): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of options.scenarios) {
    const { id, title } = scenario;
    say(`\n${title} (${id})`);
    const why = scenario.missing?.(machine);
    if (why !== undefined) {
      skip({ what: id, why, isBroken: false });
      continue;
    }
    const onMeasured = (each: Measurement): void => {
      measurements.push(each);
      say(lineOf(scenario, each));
    };
    try {
      await holdContest(scenario, { stage, rounds: options.rounds, say: (line) => say(`  ${line}`), onMeasured });
    } catch (error) {
      skip({ what: id, why: error instanceof Error ? error.message : String(error), isBroken: true });
    }
  }
  return measurements;
}

async function steps({ withMicro, quick }: BenchOptions, say: Say): Promise<readonly MicroResult[]> {
  if (!withMicro) return [];
  say('\nSingle steps …');
  return runMicroBenchmarks({ batchMs: quick ? 20 : 100, withLongLists: !quick });
}

function lineOf({ columns }: Scenario, { round, candidate, figures }: Measurement): string {
  const cells = columns.map(({ key, title, digits }) => `${figures[key]?.toFixed(digits)} ${title}`);
  return `  round ${round}  ${candidate.padEnd(12)}  ${cells.join(', ')}`;
}
