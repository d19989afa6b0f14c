import { compareProblems } from './compare-problems.ts';
import { displayWidth, printable } from './display-width.ts';
import type { Place, Problem } from './problem.ts';

type FilePlace = Extract<Place, { kind: 'file' }>;

/**
 * Problems as an operator reads them: `file:line:column message [code]`, then the line and carets beneath the very span. Sorted
 * by file, line and column; problems without a place come first, those of the environment last. Ends with a newline.
 */
export function writeProblems(problems: readonly Problem[], options: { readonly colour: boolean }): string {
  const paint = options.colour ? paintAnsi : (text: string) => text;
  return problems
    .toSorted(compareProblems)
    .map((problem) => writeProblem(problem, paint))
    .join('');
}

type Colour = 'bold' | 'dim' | 'red' | 'yellow';
type Paint = (text: string, colour: Colour) => string;

const codes: Readonly<Record<Colour, string>> = { bold: '1', dim: '2', red: '31', yellow: '33' };

function paintAnsi(text: string, colour: Colour): string {
  return `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

function writeProblem({ severity, code, message, place }: Problem, paint: Paint): string {
  const colour = severity === 'error' ? 'red' : 'yellow';
  const where = place === undefined ? '' : `${paint(printable(writePlace(place)), 'bold')} `;
  const kind = severity === 'warning' ? `${paint('warning:', 'yellow')} ` : '';
  const excerpt = place?.kind === 'file' && place.sourceLine !== '' ? writeExcerpt(place, (carets) => paint(carets, colour)) : '';
  return `${where}${kind}${printable(message)} ${paint(`[${code}]`, 'dim')}\n${excerpt}`;
}

function writePlace(place: Place): string {
  return place.kind === 'environment' ? `environment:${place.variable}` : `${place.file}:${place.line}:${place.column}`;
}

// Longer lines are mostly base64; what matters is around the span.
const widest = 120;
const lead = 40;

function writeExcerpt({ sourceLine, column, length }: FilePlace, paintCarets: (carets: string) => string): string {
  const from = column - 1;
  const start = sourceLine.length > widest && from > lead ? from - lead : 0;
  const end = Math.min(sourceLine.length, start + widest);
  const before = `${start > 0 ? '…' : ''}${printable(sourceLine.slice(start, from))}`;
  const span = printable(sourceLine.slice(from, Math.min(end, from + length)));
  const after = `${printable(sourceLine.slice(from + length, end))}${end < sourceLine.length ? '…' : ''}`;
  const carets = '^'.repeat(Math.max(1, displayWidth(span)));
  return `  ${before}${span}${after}`.trimEnd() + `\n  ${' '.repeat(displayWidth(before))}${paintCarets(carets)}\n`;
}
