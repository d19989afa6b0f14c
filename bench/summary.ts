import type { Measurement, Results } from './results.ts';
import { scenarios } from './scenarios.ts';
import { median } from './statistics.ts';

/** One candidate in one scenario: medians over the rounds. */
export interface SummaryRow {
  readonly candidate: string;
  readonly cpuMicroseconds: number;
  /** Of CPU time to the yardstick in the same round; undefined for the yardstick itself and where there is none. */
  readonly ratio: { readonly median: number; readonly lowest: number; readonly highest: number } | undefined;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly memoryMib: number;
}

export interface ScenarioSummary {
  readonly title: string;
  readonly rows: readonly SummaryRow[];
}

export const yardstick = 'nginx';

export function summarise({ measurements, candidates }: Results): readonly ScenarioSummary[] {
  return scenarios.flatMap(({ id, title }) => {
    const ofScenario = measurements.filter(({ scenario }) => scenario === id);
    if (ofScenario.length === 0) return [];
    return [{ title, rows: candidates.map(({ name }) => summariseCandidate(name, ofScenario)) }];
  });
}

function summariseCandidate(candidate: string, ofScenario: readonly Measurement[]): SummaryRow {
  const own = ofScenario.filter((measurement) => measurement.candidate === candidate);
  const of = (pick: (measurement: Measurement) => number): number => median(own.map(pick));
  return {
    candidate,
    cpuMicroseconds: of(({ cpuMicroseconds }) => cpuMicroseconds),
    ratio: ratioOf(own, ofScenario),
    requestsPerSecond: of(({ requestsPerSecond }) => requestsPerSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    memoryMib: of(({ memoryMib }) => memoryMib),
  };
}

/** Round by round: what slowed a round down slowed both, so the ratio keeps its worth on a machine that is not quiet. */
function ratioOf(own: readonly Measurement[], ofScenario: readonly Measurement[]): SummaryRow['ratio'] {
  const ratios = own.flatMap(({ candidate, round, cpuMicroseconds }) => {
    if (candidate === yardstick) return [];
    const peer = ofScenario.find((other) => other.candidate === yardstick && other.round === round);
    return peer === undefined ? [] : [cpuMicroseconds / peer.cpuMicroseconds];
  });
  return ratios.length === 0 ? undefined : { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
