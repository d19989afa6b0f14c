import { printable } from '../../config/display-width.ts';
import { writeWalk } from '../write-explanation.ts';
import { coverageLines } from './coverage-lines.ts';
import { differenceLines } from './difference-lines.ts';
import type { Report, SuiteResult } from './report.ts';
import { countResults, isPassed, placeText } from './report.ts';
import type { CaseResult } from './run-case.ts';

export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
}

// Of more cases nobody reads a list of names.
const mostListed = 40;
// The first failures mostly explain the others.
const mostTold = 20;

/** A run for people: what passed, each failure with what it got instead and the walk that led there, and the sum of it. */
export function writePeopleReport({ suites, coverage, ms }: Report, { columns: width, colour }: Terminal): string {
  const columns = Math.max(width, 40);
  const paint = colour ? paintAnsi : (text: string) => text;
  const { all, failed } = countResults(suites);
  const isListed = all <= mostListed;
  const failures = suites.flatMap((suite) => suite.results.filter((result) => !isPassed(result)).map((result) => ({ result, suite })));
  const hidden = failures.length - mostTold;
  const sum = `${amount(all, 'case')}: ${all - failed} passed, ${failed} failed, in ${ms} ms`;
  const blocks = [
    ...suites.map((suite) => suiteLines(suite, isListed, paint)),
    ...failures.slice(0, mostTold).map(({ result, suite }) => failureLines(result, suite, { columns, paint })),
    hidden > 0 ? [`… and ${amount(hidden, 'more failure')}; --filter TEXT runs some of the cases only`] : [],
    coverage === undefined ? [] : coverageLines(coverage, columns),
    [paint(sum, failed === 0 ? 'green' : 'red')],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

type Colour = 'bold' | 'green' | 'red';
type Paint = (text: string, colour: Colour) => string;

const codes: Readonly<Record<Colour, string>> = { bold: '1', green: '32', red: '31' };

function paintAnsi(text: string, colour: Colour): string {
  return `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

function suiteLines(suite: SuiteResult, isListed: boolean, paint: Paint): readonly string[] {
  const { all, failed } = countResults([suite]);
  const head = paint(printable(suite.file), 'bold');
  if (!isListed) return [`${head}  ${amount(all, 'case')}, ${failed} failed`];
  return [head, ...suite.results.map((result) => `  ${mark(result, paint)} ${printable(result.name)}`)];
}

function mark(result: CaseResult, paint: Paint): string {
  return isPassed(result) ? paint('✓', 'green') : paint('✗', 'red');
}

function failureLines(
  result: CaseResult,
  { file }: SuiteResult,
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): readonly string[] {
  const { name, place, differences, trace } = result;
  return [
    paint(`✗ ${printable(name)}`, 'red'),
    `  ${printable(placeText(place, file))}`,
    '',
    ...indent(differenceLines(differences, columns - 2)),
    ...(trace.length === 0 ? [] : ['', ...indent(writeWalk(trace, columns - 2).map(printable))]),
  ];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
