import type { Results } from './results.ts';
import type { Bound, Target } from './targets.ts';
import { targets } from './targets.ts';

export type Verdict = 'goal reached' | 'must kept' | 'must missed' | 'not measured';

export interface JudgedTarget {
  readonly what: string;
  readonly unit: string;
  readonly must: Bound;
  readonly goal: Bound;
  readonly measured: number | undefined;
  readonly verdict: Verdict;
  /** Why it was not measured, where that is known. */
  readonly why: string | undefined;
}

/** What the results say of every target that somebody tried to measure, in the order of the table. */
export function judgeTargets(results: Results, table: readonly Target[] = targets): readonly JudgedTarget[] {
  return table.map((target) => judge(target, results)).filter(({ measured, why }) => measured !== undefined || why !== undefined);
}

function judge({ what, unit, must, goal, needs, measured: measure }: Target, results: Results): JudgedTarget {
  const found = measure(results);
  const judged = { what, unit, must, goal, measured: typeof found === 'number' ? found : undefined };
  if (typeof found === 'string') return { ...judged, verdict: 'not measured', why: found };
  if (found === undefined)
    return { ...judged, verdict: 'not measured', why: results.skipped.find(({ what: skipped }) => needs.includes(skipped))?.why };
  const verdict = keeps(found, goal) ? 'goal reached' : keeps(found, must) ? 'must kept' : 'must missed';
  return { ...judged, verdict, why: undefined };
}

function keeps(measured: number, { kind, value }: Bound): boolean {
  return kind === 'at most' ? measured <= value : measured >= value;
}
