import type { ValuePattern } from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

/** An RE2 expression with one capture group at most; whether it is one at all is found where it is compiled. */
export function readValuePattern(reading: Reading, place: SettingPath, text: string | undefined): ValuePattern | undefined {
  if (text === undefined) return undefined;
  const refusal = refuse(text);
  if (refusal === undefined) return { pattern: text, place };
  reading.error(place, `${writePath(place)} ${refusal}`, { code: 'invalid-expression' });
  return undefined;
}

function refuse(text: string): string | undefined {
  if (text === '') return 'is empty: write an RE2 expression for the whole value';
  const { captures } = scan(text);
  if (captures.length < 2) return undefined;
  return `${quoteValue(text)} has ${captures.length} capture groups, and which of them is the value nobody knows: write (?:…) for all but one`;
}

const literalDomain = /@[a-z0-9-]+(?:\\\.[a-z0-9-]+)*\$?$/i;

/**
 * Whether every value that the expression yields ends in one and the same domain: its capture group, or the whole of it where it has none,
 * ends in `@` and a domain with escaped dots. In doubt it does not: an expression that only seems to fix the domain makes the
 * administrator of one department out of anybody of another.
 */
export function fixesDomain(pattern: string): boolean {
  const { captures, bars, isQuoted } = scan(pattern);
  const [capture] = captures;
  if (isQuoted || captures.length > 1 || bars.some(({ depth }) => depth === 0)) return false;
  if (capture === undefined) return literalDomain.test(pattern);
  // A group that may be left out, or that stands within another, need not be what the match ends with.
  if (capture.depth > 0 || /^[?*+{]/.test(pattern.slice(capture.end + 1))) return false;
  const isChoice = bars.some(({ at, depth }) => depth === 1 && at > capture.start && at < capture.end);
  return !isChoice && literalDomain.test(pattern.slice(capture.start, capture.end));
}

interface Scan {
  /** What stands between their parentheses, and how many other groups they stand in. */
  readonly captures: readonly { readonly start: number; readonly end: number; readonly depth: number }[];
  readonly bars: readonly { readonly at: number; readonly depth: number }[];
  /** `\Q` is there, behind which everything is literal. */
  readonly isQuoted: boolean;
}

const quoted = /\\Q[\s\S]*?(?:\\E|$)/y;
const escaped = /\\[\s\S]/y;
// A bracket that comes first is a member of the class, and [:alpha:] is one as a whole.
const characterClass = /\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/y;
const groupStart = /\((?:\?(?:P?<\w+>)?)?/y;

function scan(pattern: string): Scan {
  const captures: Scan['captures'][number][] = [];
  const bars: Scan['bars'][number][] = [];
  const open: { readonly start: number; readonly isCapture: boolean }[] = [];
  let isQuoted = false;
  let at = 0;
  const take = (expression: RegExp): string | undefined => {
    expression.lastIndex = at;
    return expression.exec(pattern)?.[0];
  };
  while (at < pattern.length) {
    const quote = take(quoted);
    const skipped = quote ?? take(escaped) ?? take(characterClass);
    const start = skipped === undefined ? take(groupStart) : undefined;
    if (quote !== undefined) isQuoted = true;
    if (start !== undefined) open.push({ start: at + start.length, isCapture: start !== '(?' });
    if (skipped === undefined && pattern[at] === '|') bars.push({ at, depth: open.length });
    const closed = skipped === undefined && pattern[at] === ')' ? open.pop() : undefined;
    if (closed?.isCapture === true) captures.push({ start: closed.start, end: at, depth: open.length });
    at += skipped?.length ?? start?.length ?? 1;
  }
  return { captures, bars, isQuoted };
}
