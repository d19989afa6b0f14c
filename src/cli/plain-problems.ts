import { compareProblems } from '../config/compare-problems.ts';
import type { Place, Problem } from '../config/problem.ts';

/** Problems as `--json` prints them, in the order in which people read them. */
export function plainProblems(problems: readonly Problem[]): readonly Readonly<Record<string, unknown>>[] {
  return problems.toSorted(compareProblems).map(({ severity, code, message, place }) => ({ severity, code, message, ...placed(place) }));
}

function placed(place: Place | undefined): Readonly<Record<string, unknown>> {
  if (place === undefined) return {};
  return place.kind === 'file' ? { file: place.file, line: place.line, column: place.column } : { variable: place.variable };
}
