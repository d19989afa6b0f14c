import { parseArgs } from 'node:util';
import type { Scenario } from './scenarios.ts';
import { scenarios } from './scenarios.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly warmUpRequests: number;
  readonly quick: boolean;
  readonly scenarios: readonly Scenario[];
  readonly writeDocs: boolean;
  /** Results to show instead of measuring. */
  readonly from: string | undefined;
  /** Write a CPU profile of Postern instead of measuring. */
  readonly profile: boolean;
  /** Only the single steps. */
  readonly microOnly: boolean;
  /** Look at memory under everything that visitors do, for so long, instead of measuring; undefined: measure. */
  readonly soakMinutes: number | undefined;
}

export const usage: string = `Usage: npm run bench -- [OPTION …]
       npm run bench -- soak [--minutes N]

Measures an authorised request through Postern against nginx as a bare TLS proxy, and keeps the figures in bench/results/.

  --quick            two short rounds
  --rounds N         rounds of every scenario (default: 5)
  --scenario ID      only this scenario, may be repeated: ${scenarios.map(({ id }) => id).join(', ')}
  --micro            only the single steps of the walk, which takes a few seconds; nothing is kept
  --write-docs       writes the figures into docs/performance.md too
  --from FILE        takes the figures of an earlier run instead of measuring
  --minutes N        how long to soak: memory and open files under everything that visitors do (default: 10)
  --profile          shows where Postern spends its time instead of measuring, and keeps a .cpuprofile
`;

/** A sentence for people instead, when the arguments make no sense. */
export function parseOptions(args: readonly string[]): BenchOptions | string {
  let values;
  let positionals;
  try {
    ({ values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        scenario: { type: 'string', multiple: true },
        micro: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        from: { type: 'string' },
        profile: { type: 'boolean', default: false },
        minutes: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`;
  }
  const { quick, rounds = quick ? '2' : '5', scenario: ids, micro, profile, from } = values;
  if (values.help) return usage;
  const isSoak = positionals[0] === 'soak';
  const { minutes = '10' } = values;
  if (positionals.length > (isSoak ? 1 : 0)) return `Unknown argument "${positionals.at(-1)}"\n\n${usage}`;
  if (!isSoak && values.minutes !== undefined) return 'Cannot use --minutes without soak: write npm run bench -- soak --minutes N';
  if (!/^[1-9][0-9]{0,3}$/.test(minutes)) return `Cannot read --minutes "${minutes}": expected a number from 1 to 9999`;
  if (!/^[1-9][0-9]?$/.test(rounds)) return `Cannot read --rounds "${rounds}": expected a number from 1 to 99`;
  const unknown = ids?.find((wanted) => !scenarios.some(({ id }) => id === wanted));
  if (unknown !== undefined) return `Unknown scenario "${unknown}": expected one of ${scenarios.map(({ id }) => id).join(', ')}`;
  return {
    rounds: Number(rounds),
    seconds: quick ? 1.5 : 4,
    warmUpRequests: quick ? 12_000 : 50_000,
    quick,
    scenarios: ids === undefined ? scenarios : scenarios.filter(({ id }) => ids.includes(id)),
    writeDocs: values['write-docs'],
    from,
    profile,
    microOnly: micro,
    soakMinutes: isSoak ? Number(minutes) : undefined,
  };
}
