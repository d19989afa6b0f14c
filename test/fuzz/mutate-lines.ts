import type { Random } from './random.ts';

export interface LineOptions {
  /** Lines that may be put in anywhere. */
  readonly others: readonly string[];
  /** Lines that hold one of these stay whole, and are only moved in or out. */
  readonly keep: string;
}

/** What a hurried operator does to a configuration: lines lost, doubled, moved, indented, with a character too many or too few. */
export function mutateLines(random: Random, text: string, { others, keep }: LineOptions): string {
  let lines = text.split('\n');
  const count = random.oneIn(2) ? 1 : 1 + random.below(4);
  for (let turn = 0; turn < count; turn += 1) lines = changeLines(random, lines, { others, keep });
  return lines.join('\n');
}

const slips = [
  ' ',
  '  ',
  '\t',
  ':',
  ': ',
  '- ',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  '#',
  ' #',
  '&a ',
  '*a',
  '!!int ',
  '|',
  '>',
  '|\n',
  ',',
  '~',
  '?',
  '%',
  '@',
  '`',
  '<<: ',
  '---',
  '...',
  '\r',
  '\0',
  '\ufeff',
  'é',
  '\\',
];

function changeLines(random: Random, lines: readonly string[], { others, keep }: LineOptions): string[] {
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const isKept = line.includes(keep);
  const indented = random.pick([` ${line}`, `  ${line}`, line.replace(/^ {1,2}/, ''), `\t${line}`, line.trimStart()]);
  const withSlip = (): string => {
    const column = random.below(line.length + 1);
    return line.slice(0, column) + random.pick(slips) + line.slice(column + random.below(3));
  };
  switch (random.below(isKept ? 4 : 7)) {
    case 0:
      return lines.length === 1 ? [''] : lines.toSpliced(at, 1);
    case 1:
      return lines.with(at, indented);
    case 2:
      return lines.toSpliced(at, 0, others.length === 0 ? '' : random.pick(others));
    case 3:
      return lines.toSpliced(random.below(lines.length), 0, line);
    default:
      return lines.with(at, withSlip());
  }
}
