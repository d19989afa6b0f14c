import type { Results } from './results.ts';
import type { SummaryRow } from './summary.ts';
import { summarise } from './summary.ts';
import type { Table } from './table.ts';

/** One contestant of one scenario that both results hold. */
export interface ComparedRow {
  readonly scenario: string;
  readonly candidate: string;
  /** What the scenario compares, or its first column. */
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** The ratios to the yardstick of each run: on a machine that others share they say more than the times. */
  readonly ratioBefore: number | undefined;
  readonly ratioAfter: number | undefined;
}

export function compareResults(before: Results, after: Results): readonly ComparedRow[] {
  const earlier = summarise(before);
  return summarise(after).flatMap(({ id, columns, ratio, rows }) => {
    const key = ratio?.of ?? columns[0]?.key ?? '';
    const what = columns.find((column) => column.key === key)?.title ?? key;
    const known = earlier.find((each) => each.id === id)?.rows ?? [];
    return rows.flatMap((row) => compareRow({ scenario: id, what, key }, known, row));
  });
}

function compareRow(
  { scenario, what, key }: { readonly scenario: string; readonly what: string; readonly key: string },
  known: readonly SummaryRow[],
  { candidate, figures, ratio }: SummaryRow,
): readonly ComparedRow[] {
  const earlier = known.find((row) => row.candidate === candidate);
  const [before, after] = [earlier?.figures[key], figures[key]];
  if (before === undefined || after === undefined) return [];
  return [{ scenario, candidate, what, before, after, ratioBefore: earlier?.ratio?.median, ratioAfter: ratio?.median }];
}

export function comparisonTable(rows: readonly ComparedRow[]): Table {
  const heads = ['', 'before', 'after', 'change', 'ratio before', 'ratio after', 'change'];
  return [
    heads,
    ...rows.map(({ scenario, candidate, what, before, after, ratioBefore, ratioAfter }) => [
      `${scenario}  ${candidate}  ${what}`,
      before.toFixed(1),
      after.toFixed(1),
      changeText(before, after),
      ratioBefore?.toFixed(2) ?? '',
      ratioAfter?.toFixed(2) ?? '',
      ratioBefore === undefined || ratioAfter === undefined ? '' : changeText(ratioBefore, ratioAfter),
    ]),
  ];
}

function changeText(before: number, after: number): string {
  const percent = (100 * (after - before)) / before;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
