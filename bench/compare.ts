import { existsSync } from 'node:fs';
import { checkOut } from './check-out.ts';
import { compareResults, comparisonTable } from './compare-results.ts';
import { openPostern } from './candidates/postern.ts';
import type { PosternCandidate } from './candidates/postern.ts';
import { makeBenchFiles } from './bench-files.ts';
import type { BenchOptions, Task } from './options.ts';
import { writeReport } from './report.ts';
import { readResults } from './results.ts';
import type { Say } from './run.ts';
import { run } from './run.ts';
import { ratioOf } from './summary.ts';
import { alignTable } from './table.ts';

type Comparison = Pick<Extract<Task, { kind: 'compare' }>, 'before' | 'after'>;

/** Two files of results beside each other; or two commits, measured in turns in the same run, which is the only fair way on a shared machine. */
export async function compare({ before, after }: Comparison, options: BenchOptions, say: Say): Promise<void> {
  if (before.endsWith('.json') && after.endsWith('.json')) {
    for (const file of [before, after]) if (!existsSync(file)) throw new Error(`Cannot compare ${file}: there is no such file`);
    return say(alignTable(comparisonTable(compareResults(readResults(before), readResults(after)))));
  }
  return compareCommits({ before, after }, options, say);
}

async function compareCommits({ before, after }: Comparison, options: BenchOptions, say: Say): Promise<void> {
  const files = await makeBenchFiles();
  const checkouts = [before, after].map((commit) => ({ name: `postern ${commit}`, checkout: checkOut(commit, files.directory, say) }));
  if (before === after) throw new Error(`Cannot compare ${before} with itself`);
  const openPosterns = async (upstreamPort: number): Promise<readonly PosternCandidate[]> => {
    const posterns: PosternCandidate[] = [];
    for (const { name, checkout } of checkouts) posterns.push(await openPostern({ files, upstreamPort, name, checkout }));
    return posterns;
  };
  const results = await run({ options: { ...options, peers: [], withMicro: false }, say, openPosterns, files });
  const [from = '', to = ''] = checkouts.map(({ name }) => name);
  const rows = options.scenarios.map(({ id, ratio }) => {
    const spread = ratioOf(results, { scenario: id, of: to, to: from });
    const text = spread === undefined ? '–' : `${spread.median.toFixed(3)} (${spread.lowest.toFixed(3)} – ${spread.highest.toFixed(3)})`;
    return [`${id}, ${ratio?.of ?? ''}`, text];
  });
  say(`\n${writeReport(results, { withTargets: false })}`);
  say(alignTable([['', `${after} to ${before} (lowest – highest)`], ...rows]));
}
