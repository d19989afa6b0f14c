import { parseArgs } from 'node:util';
import type { Scenario } from './scenarios/scenario.ts';
import { scenarios } from './scenarios/scenarios.ts';
import { peers } from './candidates/peers.ts';
import { usage } from './usage.ts';

export interface BenchOptions {
  readonly task: Task;
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly warmUpRequests: number;
  readonly quick: boolean;
  readonly scenarios: readonly Scenario[];
  /** Names of those besides nginx that Postern is compared with; undefined: everybody who is there. */
  readonly peers: readonly string[] | undefined;
  /** Whether the single steps are measured too. */
  readonly withMicro: boolean;
  /** Whether a file of the results stays in bench/results. */
  readonly keep: boolean;
  readonly writeDocs: boolean;
}

export type Task =
  | { readonly kind: 'measure' }
  | { readonly kind: 'micro' }
  /** The results of an earlier run are shown again. */
  | { readonly kind: 'show'; readonly file: string }
  /** Two commits, or two files of results. */
  | { readonly kind: 'compare'; readonly before: string; readonly after: string }
  /** `flame`: into docs/flame as well. */
  | { readonly kind: 'profile'; readonly flame: boolean }
  | { readonly kind: 'soak'; readonly minutes: number };

const quickPace = { rounds: '2', seconds: 1.5, warmUpRequests: 12_000 };
const usualPace = { rounds: '5', seconds: 4, warmUpRequests: 50_000 };
const comparable: readonly string[] = ['http1', 'http2'];

/** A sentence for people instead, when the arguments make no sense. */
export function parseOptions(args: readonly string[]): BenchOptions | string {
  try {
    return optionsFrom(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      ci: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      micro: { type: 'boolean', default: false },
      compare: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      from: { type: 'string' },
      profile: { type: 'boolean', default: false },
      flame: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
}

function optionsFrom(args: readonly string[]): BenchOptions | string {
  const { values, positionals } = parse(args);
  if (values.help) return usage;
  const task = taskOf(values, positionals);
  const { ci, rounds } = values;
  const quick = values.quick || ci;
  const pace = quick ? quickPace : usualPace;
  return {
    task,
    rounds: readNumber('--rounds', rounds ?? pace.rounds, 99),
    seconds: pace.seconds,
    warmUpRequests: pace.warmUpRequests,
    quick,
    scenarios: chosenScenarios(values, task),
    peers: ci ? [] : chosenPeers(values),
    withMicro: ci || values.scenario === undefined,
    // A few scenarios would take the place of a whole run of the same day.
    keep: task.kind === 'measure' && !ci && values.scenario === undefined,
    writeDocs: values['write-docs'],
  };
}

function taskOf(values: Values, positionals: readonly string[]): Task {
  const { compare, micro, profile, flame, from, minutes } = values;
  const isSoak = !compare && positionals[0] === 'soak';
  const expected = compare ? 2 : isSoak ? 1 : 0;
  if (positionals.length > expected) throw new Error(`Unknown argument "${positionals.at(-1)}"\n\n${usage}`);
  if (minutes !== undefined && !isSoak) throw new Error('Cannot use --minutes without soak: write npm run bench -- soak --minutes N');
  if (isSoak) return { kind: 'soak', minutes: readNumber('--minutes', minutes ?? '10', 9999) };
  if (flame && !profile) throw new Error('Cannot use --flame without --profile: write npm run bench -- --profile --flame');
  if (compare) {
    const [before, after] = positionals;
    if (before === undefined || after === undefined)
      throw new Error('Cannot compare fewer than two: write --compare BEFORE AFTER, two commits or two files of bench/results');
    return { kind: 'compare', before, after };
  }
  if (profile) return { kind: 'profile', flame };
  if (micro) return { kind: 'micro' };
  return from === undefined ? { kind: 'measure' } : { kind: 'show', file: from };
}

function chosenScenarios({ scenario, ci }: Values, { kind }: Task): readonly Scenario[] {
  const few = kind === 'compare' || kind === 'profile';
  const ids = scenario?.flatMap((each) => each.split(',')) ?? (ci ? ['http1'] : few ? comparable : undefined);
  const unknown = ids?.find((wanted) => !scenarios.some(({ id }) => id === wanted));
  if (unknown !== undefined) throw new Error(`Unknown scenario "${unknown}": expected some of ${scenarios.map(({ id }) => id).join(', ')}`);
  const chosen = ids === undefined ? scenarios : scenarios.filter(({ id }) => ids.includes(id));
  const unfit = kind === 'compare' ? chosen.find(({ isForAnyCommit }) => isForAnyCommit !== true) : undefined;
  if (unfit !== undefined) throw new Error(`Cannot compare commits by ${unfit.id}: it needs the code of this one`);
  return chosen;
}

/** `none`, and nginx is alone. */
function chosenPeers({ peer }: Values): readonly string[] | undefined {
  const names = peer?.flatMap((each) => each.split(',')).filter((name) => name !== 'none');
  const unknown = names?.find((wanted) => !peers.some(({ name }) => name === wanted));
  if (unknown !== undefined)
    throw new Error(`Unknown proxy "${unknown}": expected some of ${peers.map(({ name }) => name).join(', ')}, or none`);
  return names;
}

function readNumber(option: string, text: string, most: number): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text) || Number(text) > most)
    throw new Error(`Cannot read ${option} "${text}": expected a number from 1 to ${most}`);
  return Number(text);
}
