import { secretMask } from './mask-secrets.ts';
import type { FilePlace } from './problem.ts';

export interface TextSource {
  readonly text: string;
  /** What places call the text. */
  readonly file: string;
}

/** A function from offsets of a text to places that quote its line, with secrets overwritten. */
export function placeIn({ text, file }: TextSource, state: 'whole' | 'broken'): (from: number, to: number) => FilePlace {
  // Made when the first place is asked for: a configuration without problems needs none.
  let shown: ((line: number) => string) | undefined;
  let starts: readonly number[] | undefined;
  return (from, to) => {
    shown ??= secretMask(linesOf(text), { broken: state === 'broken' });
    // Not the parser's own counter: it knows no line beyond the place where the parser gave up.
    starts ??= startsOf(text);
    const start = Math.min(from, text.length);
    const index = lastAtMost(starts, start);
    const sourceLine = shown(index);
    // A carriage return before the line end belongs to neither line.
    const column = Math.min(start - (starts[index] ?? 0), sourceLine.length) + 1;
    // A span of several lines is shown as far as its first line goes.
    const length = Math.max(1, Math.min(to - start, sourceLine.trimEnd().length - column + 1));
    return { kind: 'file', file, line: index + 1, column, sourceLine, length };
  };
}

function startsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** The index of the last entry that is not larger, by halves: a broken text may have as many problems as lines. */
function lastAtMost(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? Infinity) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
