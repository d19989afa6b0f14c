import { printable } from '../../config/display-width.ts';
import { coverageLines } from './coverage-lines.ts';
import type { Report, SuiteResult } from './report.ts';
import { countResults, isPassed, nearTrace } from './report.ts';
import type { CaseResult } from './run-case.ts';

/** A run as TAP 14 (testanything.org), with a YAML block for each failure. */
export function writeTap({ suites, coverage }: Report): string {
  const { all, failed } = countResults(suites);
  let number = 0;
  const points = suites.flatMap((suite) => [
    comment(suite.file),
    ...suite.results.flatMap((result) => {
      number += 1;
      return writePoint(result, suite, number);
    }),
  ]);
  const covered = coverage === undefined ? [] : coverageLines(coverage, 80).map(comment);
  return `${['TAP version 14', `1..${all}`, ...points, `# ${all - failed} passed, ${failed} failed`, ...covered].join('\n')}\n`;
}

/** What TAP says of a run that could not begin. */
export function writeTapBailOut(reason: string): string {
  return `TAP version 14\nBail out! ${escape(reason)}\n`;
}

function comment(text: string): string {
  return `# ${printable(text)}`.trimEnd();
}

function writePoint(result: CaseResult, { file }: SuiteResult, number: number): readonly string[] {
  const line = `${isPassed(result) ? 'ok' : 'not ok'} ${number} - ${escape(result.name)}`;
  return isPassed(result) ? [line] : [line, ...diagnostics(result, file)];
}

/** Every value as JSON, which YAML reads as well. */
function diagnostics(result: CaseResult, file: string): readonly string[] {
  const { differences, place } = result;
  const at = place?.kind === 'file' ? { file: place.file, line: place.line, column: place.column } : { file };
  const lists = [...listLines('differences', differences), ...listLines('trace', nearTrace(result))];
  return ['  ---', '  severity: fail', `  at: ${JSON.stringify(at)}`, ...lists, '  ...'];
}

function listLines(name: string, items: readonly object[]): readonly string[] {
  return items.length === 0 ? [] : [`  ${name}:`, ...items.map((item) => `    - ${JSON.stringify(item)}`)];
}

/** One line, in which `#` begins no directive. */
function escape(text: string): string {
  return printable(text.replaceAll('\n', ' ')).replace(/[\\#]/g, '\\$&');
}
