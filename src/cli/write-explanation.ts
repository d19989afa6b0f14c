import type { Explanation, TraceLine } from './explanation.ts';

/** The explanation for people: the verdict first, then the walk in its order, wrapped to the width of the terminal. */
export function writeExplanation(explanation: Explanation, width: number): string {
  const { decision, status, reasons, upstream, reply } = explanation;
  const lines = [
    `${decision} ${status}${reasons.length === 0 ? '' : `  ${reasons.join(', ')}`}`,
    '',
    ...table(explanation.trace, Math.max(width, 40)),
    ...(upstream === null ? [] : ['', `to ${upstream.url}`, ...fields(upstream.headers)]),
    ...(reply === null ? [] : ['', `answers ${reply.status}`, ...fields(reply.headers)]),
  ];
  return `${lines.join('\n')}\n`;
}

function fields(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
}

function table(trace: readonly TraceLine[], width: number): readonly string[] {
  const step = longest(trace.map((line) => line.step));
  const outcome = longest(trace.map((line) => line.outcome));
  const indent = ' '.repeat(step + outcome + 4);
  return trace.flatMap((line) => {
    const text = line.detail === null || line.detail === '' ? line.subject : `${line.subject} (${line.detail})`;
    const [first = '', ...rest] = wrap(text, width - indent.length);
    return [`${line.step.padEnd(step)}  ${line.outcome.padEnd(outcome)}  ${first}`.trimEnd(), ...rest.map((part) => indent + part)];
  });
}

function longest(words: readonly string[]): number {
  return Math.max(0, ...words.map((word) => word.length));
}

/** Breaks at spaces; a word longer than the line stays whole, because half a fingerprint is of no use. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
