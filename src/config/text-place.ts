import type { LineCounter } from 'yaml';
import { maskSecrets } from './mask-secrets.ts';
import type { Place } from './problem.ts';

export interface TextSource {
  readonly text: string;
  /** What places call the text. */
  readonly file: string;
  readonly lineCounter: LineCounter;
}

/** A function from offsets of a text to places that quote its line, with secrets overwritten. */
export function placeIn({ text, file, lineCounter }: TextSource, state: 'whole' | 'broken'): (from: number, to: number) => Place {
  // Made when the first place is asked for: a configuration without problems needs none.
  let shown: readonly string[] | undefined;
  return (from, to) => {
    shown ??= maskSecrets(linesOf(text), { broken: state === 'broken' });
    const start = Math.min(from, text.length);
    const { line, col } = lineCounter.linePos(start);
    // The counter knows no line at all of a text that the parser gave up.
    const [lineNumber, column] = line === 0 ? [1, 1] : [line, col];
    const sourceLine = shown[lineNumber - 1] ?? '';
    // A span of several lines is shown as far as its first line goes.
    const length = Math.max(1, Math.min(to - start, sourceLine.trimEnd().length - column + 1));
    return { kind: 'file', file, line: lineNumber, column, sourceLine, length };
  };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
