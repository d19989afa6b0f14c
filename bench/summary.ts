import type { Measurement, Results } from './results.ts';
import type { Column, Figures, Scenario } from './scenarios/scenario.ts';
import { scenarios } from './scenarios/scenarios.ts';
import { median } from './statistics.ts';

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One contestant in one scenario: medians over the rounds. */
export interface SummaryRow {
  readonly candidate: string;
  readonly figures: Figures;
  /** Of what the scenario compares, to its yardstick in the same round; undefined for the yardstick itself and where there is none. */
  readonly ratio: Spread | undefined;
}

export interface ScenarioSummary {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly columns: readonly Column[];
  readonly ratio: Scenario['ratio'];
  readonly rows: readonly SummaryRow[];
}

/** What everything else is compared with, wherever proxies are compared. */
export const yardstick = 'nginx';

/** Only what was measured, in the order of the scenarios. */
export function summarise(results: Results): readonly ScenarioSummary[] {
  return scenarios.flatMap(({ id, title, about, columns, ratio }) => {
    const ofScenario = results.measurements.filter(({ scenario }) => scenario === id);
    const names = [...new Set(ofScenario.map(({ candidate }) => candidate))];
    const rows = names.map((candidate) => ({
      candidate,
      figures: mediansOf(ofScenario.filter((each) => each.candidate === candidate)),
      ratio: ratioOf(results, { scenario: id, of: candidate }),
    }));
    return rows.length === 0 ? [] : [{ id, title, about, columns, ratio, rows }];
  });
}

/** Round by round: what slowed a round down slowed both, so the ratio keeps its worth on a machine that is not quiet. */
export function ratioOf(
  { measurements }: Pick<Results, 'measurements'>,
  { scenario: id, of, to }: { readonly scenario: string; readonly of: string; readonly to?: string },
): Spread | undefined {
  const compared = scenarios.find((each) => each.id === id)?.ratio;
  const other = to ?? compared?.to;
  if (compared === undefined || of === other) return undefined;
  const ofScenario = measurements.filter(({ scenario }) => scenario === id);
  const ratios = ofScenario.flatMap(({ candidate, round, figures }) => {
    const peer = ofScenario.find((each) => each.candidate === other && each.round === round);
    const [value, its] = [figures[compared.of], peer?.figures[compared.of]];
    return candidate !== of || value === undefined || its === undefined ? [] : [value / its];
  });
  return ratios.length === 0 ? undefined : { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

function mediansOf(rounds: readonly Measurement[]): Figures {
  const keys = Object.keys(rounds[0]?.figures ?? {});
  return Object.fromEntries(keys.map((key) => [key, median(rounds.flatMap(({ figures }) => figures[key] ?? []))]));
}
