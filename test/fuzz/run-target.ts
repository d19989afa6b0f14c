import type { CorpusInput } from './corpus.ts';
import type { OpenTarget } from './fuzz-target.ts';
import { minimise } from './minimise.ts';
import { createRandom } from './random.ts';

export interface RunOptions {
  readonly seed: string;
  readonly corpus: readonly CorpusInput[];
  /** Asked before each input is made, with how many there were. */
  goesOn(made: number): boolean;
  /** Told after each input. */
  onProgress?(progress: Progress): void;
}

export interface Progress {
  readonly made: number;
  /** How often each outcome came up. */
  readonly outcomes: ReadonlyMap<string, number>;
}

export interface Finding {
  readonly input: Buffer;
  /** As small as it could be made with the same first line of the complaint. */
  readonly minimised: Buffer;
  readonly error: Error;
}

export interface RunResult extends Progress {
  /** The run ends with the first one. */
  readonly finding: Finding | undefined;
}

const mostKnown = 1_000;

/**
 * Makes inputs and checks them until `goesOn` says no or one fails. An input with an outcome that nobody had seen joins those that
 * mutations begin with: the poor man's coverage, which costs nothing.
 */
export async function runTarget(target: OpenTarget, options: RunOptions): Promise<RunResult> {
  const random = createRandom(options.seed);
  const known = [...target.seeds, ...options.corpus.map(({ bytes }) => bytes)];
  const outcomes = new Map<string, number>();
  let made = 0;
  for (; options.goesOn(made); made += 1) {
    const input = target.make(random, known);
    const outcome = await outcomeOf(target, input);
    if (outcome instanceof Error) return { made, outcomes, finding: await findingOf(target, input, outcome) };
    const seen = outcomes.get(outcome) ?? 0;
    if (seen === 0 && known.length < mostKnown) known.push(input);
    outcomes.set(outcome, seen + 1);
    options.onProgress?.({ made, outcomes });
    // A check that waits for nothing would leave no time for signals and timers.
    if (made % 256 === 255) await new Promise((resolve) => setImmediate(resolve));
  }
  return { made, outcomes, finding: undefined };
}

/** What became of an input, or what is wrong. */
export async function outcomeOf(target: OpenTarget, input: Buffer): Promise<string | Error> {
  try {
    // A copy: a reader that keeps or changes what it is given must not change the input.
    return await target.check(Buffer.from(input));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export async function findingOf(target: OpenTarget, input: Buffer, error: Error): Promise<Finding> {
  const complaint = complaintOf(error);
  const minimised = await minimise(input, async (candidate) => {
    const outcome = await outcomeOf(target, candidate);
    return outcome instanceof Error && complaintOf(outcome) === complaint;
  });
  return { input, minimised, error };
}

/** The complaint without the values that it quotes: a smaller input may fail with other ones. */
function complaintOf({ name, message }: Error): string {
  const [line = ''] = message.split('\n');
  return `${name} ${line.replace(/["'`][^]*$/, '').replace(/\d+/g, '0')}`;
}
