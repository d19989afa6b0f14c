import type { Candidate } from './candidates/candidate.ts';
import type { ProcessCost } from './process-cost.ts';
import { forgetPeak, peakMib, processCost } from './process-cost.ts';

type Processes = Pick<Candidate, 'pid' | 'alsoPids'>;

/** What everything that a candidate consists of has cost so far. */
export function candidateCost(candidate: Processes): ProcessCost {
  const costs = pidsOf(candidate).map(processCost);
  return costs.reduce((sum, each) => ({ cpuMs: sum.cpuMs + each.cpuMs, memoryMib: sum.memoryMib + each.memoryMib }));
}

/** From now on `candidatePeakMib` tells the most since now. */
export function forgetCandidatePeak(candidate: Processes): void {
  pidsOf(candidate).forEach(forgetPeak);
}

export function candidatePeakMib(candidate: Processes): number {
  return pidsOf(candidate).reduce((sum, pid) => sum + peakMib(pid), 0);
}

function pidsOf({ pid, alsoPids = [] }: Processes): readonly number[] {
  return [pid, ...alsoPids];
}
