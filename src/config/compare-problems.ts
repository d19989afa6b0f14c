import type { Problem } from './problem.ts';

/** The order in which problems are told: without a place, then by file, line and column, then the environment's; equal places by message. */
export function compareProblems(a: Problem, b: Problem): number {
  const [rankA, nameA, lineA, columnA] = sortKey(a);
  const [rankB, nameB, lineB, columnB] = sortKey(b);
  return rankA - rankB || compareText(nameA, nameB) || lineA - lineB || columnA - columnB || compareText(a.message, b.message);
}

function sortKey({ place }: Problem): readonly [rank: number, name: string, line: number, column: number] {
  if (place === undefined) return [0, '', 0, 0];
  return place.kind === 'file' ? [1, place.file, place.line, place.column] : [2, place.variable, 0, 0];
}

// Not localeCompare: the order must not depend on the machine's language.
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
