import type { Explanation, TraceLine } from './explanation.ts';

// From here on a detail has a column of its own; below it stands on the next line.
const wide = 100;

/**
 * The explanation for people: the verdict first, then the walk in its order, as tables that fit a terminal of `width` columns.
 * `colour` for a terminal alone: the verdict is then painted as a traffic light.
 */
export function writeExplanation(explanation: Explanation, width: number, colour = false): string {
  const { decision, status, reasons, trace, upstream, reply } = explanation;
  const columns = Math.max(width, 40);
  const verdict = `${decision.toUpperCase()} ${status}`;
  const text = [
    cells([verdict, ...(reasons.length === 0 ? [] : [reasons.join(', ')])], [verdict.length], columns),
    writeWalk(trace, columns),
    upstream === null ? [] : [`to ${upstream.url}`, ...fields(upstream.headers, columns)],
    reply === null ? [] : [`answers ${reply.status}`, ...fields(reply.headers, columns)],
  ]
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
  return colour ? `\u001b[1;${lights[decision] ?? yellow}m${verdict}\u001b[0m${text.slice(verdict.length)}` : text;
}

const yellow = '33';
const lights: Readonly<Partial<Record<Explanation['decision'], string>>> = {
  allow: '32',
  own: '32',
  deny: '31',
  misdirected: '31',
  'bad-request': '31',
};

function fields(headers: Readonly<Record<string, string>>, columns: number): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const [first = '', ...rest] = wrap(`${name}: ${value}`, columns - 2);
    return [`  ${first}`, ...rest.flatMap((part) => wrap(part, columns - 4)).map((part) => `    ${part}`)];
  });
}

/** What the walk saw, in its order, as the lines of a table of `columns` columns; the decision itself is left to whoever heads it. */
export function writeWalk(trace: readonly TraceLine[], columns: number): readonly string[] {
  const side = decidingSide(trace);
  const lines = foldRoutes(trace.filter(({ step }) => step !== 'decision')).map((line) => asRow(line, side));
  const widths = [longest(lines.map(({ step }) => step)), longest(lines.map(({ outcome }) => outcome))];
  const left = widths.reduce((sum, width) => sum + width + 2, 0);
  const subjects = Math.min(longest(lines.map(({ subject }) => subject)), Math.floor((columns - left) / 2));
  return lines.flatMap(({ step, outcome, subject, detail }, index) => {
    // A step is named once: what follows belongs to it.
    const start = [lines[index - 1]?.step === step ? '' : step, outcome];
    const note = detail === null || outcome === 'matched' ? '' : detail;
    if (columns >= wide && subject.length <= subjects) return cells([...start, subject, note], [...widths, subjects], columns);
    const [first, second] = subject === '' ? [note, ''] : [subject, note];
    return [...cells([...start, first], widths, columns), ...(second === '' ? [] : cells(['', '', second], widths, columns))];
  });
}

interface Row {
  readonly step: string;
  readonly outcome: string;
  readonly subject: string;
  readonly detail: string | null;
}

/** A criterion says beside its reason what it looked at, and whether it made the difference for the verdict. */
function asRow({ step, outcome, subject, detail, operator, found, decisive }: TraceLine, side: 'allow' | 'deny'): Row {
  if (operator === undefined) return { step, outcome, subject, detail };
  const notes = [detail, found === null || found === undefined ? null : `saw ${found}`].filter((note) => note !== null).join(', ');
  return { step: `${step} ${operator}`, outcome, subject, detail: decisive === true && step === side ? `${notes} (decides)` : notes };
}

/** The side of the policy whose reasons the decision tells. */
function decidingSide(trace: readonly TraceLine[]): 'allow' | 'deny' {
  const decision = trace.find(({ step }) => step === 'decision');
  const reasons = new Set(decision?.detail?.split(', '));
  const isDenied = trace.some(({ step, decisive, detail }) => step === 'deny' && decisive === true && reasons.has(detail ?? ''));
  return decision?.outcome === 'deny' && isDenied ? 'deny' : 'allow';
}

/** Routes of other hosts are of no interest one by one. */
function foldRoutes(lines: readonly TraceLine[]): readonly TraceLine[] {
  const elsewhere = lines.filter(isElsewhere);
  const first = elsewhere[0];
  if (first === undefined || elsewhere.length === 1) return lines;
  const folded: TraceLine = { ...first, subject: `${elsewhere.length} routes of other hosts`, detail: null };
  const rest = lines.filter((line) => !isElsewhere(line));
  const afterRoutes = rest.findLastIndex(({ step }) => step === 'route' || step === 'handshake') + 1;
  return rest.toSpliced(afterRoutes, 0, folded);
}

function isElsewhere({ step, detail }: TraceLine): boolean {
  return step === 'route' && detail === 'another host';
}

/** One row: every cell but the last padded to its width, the last one wrapped within its column. */
function cells(texts: readonly string[], widths: readonly number[], columns: number): readonly string[] {
  const start = texts
    .slice(0, -1)
    .map((text, index) => `${text.padEnd(widths[index] ?? 0)}  `)
    .join('');
  const [first = '', ...rest] = wrap(texts.at(-1) ?? '', columns - start.length);
  return [`${start}${first}`.trimEnd(), ...rest.map((part) => ' '.repeat(start.length) + part)];
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
