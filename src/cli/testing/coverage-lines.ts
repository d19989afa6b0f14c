import { displayWidth, printable } from '../../config/display-width.ts';
import type { Coverage, Gap, Tally } from './coverage.ts';
import { placeText } from './report.ts';

/** Coverage as lines of at most `columns` columns: the numbers, then what is missing, with its line in the configuration. */
export function coverageLines({ percent, routes, rules, criteria, gaps }: Coverage, columns: number): readonly string[] {
  const told = gaps.filter(({ implied }) => !implied);
  return [
    `Coverage ${percent} %`,
    tallyLine('routes', routes, 'reached'),
    tallyLine('rules', rules, 'held'),
    tallyLine('criteria', criteria, 'outcomes seen'),
    ...(told.length === 0 ? [] : ['', ...gapLines(told, columns)]),
  ];
}

function tallyLine(what: string, { covered, all }: Tally, done: string): string {
  return `  ${what.padEnd(8)}  ${covered} of ${all} ${done}`;
}

/** A table where it fits; on a narrow terminal what is missing stands on a line of its own. */
function gapLines(gaps: readonly Gap[], columns: number): readonly string[] {
  const rows = gaps.map(
    ({ place, missing, route, subject }) => [placeText(place, ''), missing, printable(route), printable(subject)] as const,
  );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const fits = rows.every((row) => widths.reduce((sum, width) => sum + width + 2, 2) + displayWidth(row[3]) <= columns);
  return rows.flatMap(([place, missing, route, subject]) => {
    if (fits) return [`  ${pad(place, widths[0])}  ${pad(missing, widths[1])}  ${pad(route, widths[2])}  ${subject}`.trimEnd()];
    return [`  ${place}  ${missing}`, `    ${cut(`${route}  ${subject}`.trimEnd(), columns - 4)}`];
  });
}

function pad(text: string, width: number = 0): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
