import { RE2JS } from 're2js';
import type { SettingPath } from '../config/problem.ts';

/** An expression as it is written, and what stands in place of each of its matches. */
export interface SubstitutionSettings {
  readonly pattern: string;
  readonly substitution: string;
  /** Of the pattern; the key of the substitution stands beside it. */
  readonly place: SettingPath;
}

export type Compiled<T> = { readonly ok: true; readonly value: T } | ExpressionProblem;

export interface ExpressionProblem {
  readonly ok: false;
  readonly path: SettingPath;
  readonly message: string;
}

/** Undefined for a text that takes too long to look through. */
export type Substitute = (text: string) => string | undefined;

/**
 * Replaces every match of an RE2 expression, as `GlobalReplace` of RE2 does; a text without a match stays as it is. `\1` to `\9` are the
 * groups, `\0` the match, `\\` a backslash; `$` is a dollar sign.
 */
export function compileSubstitution({ pattern, substitution, place }: SubstitutionSettings): Compiled<Substitute> {
  const expression = compileExpression(pattern);
  if (typeof expression === 'string') {
    const message = `cannot read ${keyOf(place)} ${JSON.stringify(pattern)}: ${expression}; write an RE2 expression`;
    return { ok: false, path: place, message };
  }
  const parts = parseSubstitution(substitution, expression.groupCount());
  if (typeof parts === 'string') return refuseSubstitution({ substitution, place }, parts);
  return { ok: true, value: (text) => replaceMatches(expression, parts, text) };
}

/** The problem of a substitution, told at its own key. */
export function refuseSubstitution(
  { substitution, place }: Pick<SubstitutionSettings, 'substitution' | 'place'>,
  fault: string,
): ExpressionProblem {
  const path = [...place.slice(0, -1), keyOf(place).replace(/pattern$/, 'substitution')];
  return { ok: false, path, message: `cannot read ${keyOf(path)} ${JSON.stringify(substitution)}: ${fault}` };
}

function keyOf(path: SettingPath): string {
  return String(path.at(-1) ?? 'the expression');
}

function compileExpression(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    // Whatever the library throws, this text is what it could not compile: refuse it.
    return String(error).replace(/^.*error parsing regexp: /, '');
  }
}

/** Literal text, or the number of a group. */
type Part = string | number;

function parseSubstitution(text: string, groups: number): readonly Part[] | string {
  const parts: Part[] = [];
  for (const [token, escaped] of text.matchAll(/\\(.?)|[^\\]+/gs)) {
    if (escaped === undefined) parts.push(token);
    else if (escaped === '\\') parts.push('\\');
    else if (!/^[0-9]$/.test(escaped)) return String.raw`a backslash must be followed by the number of a group, like \1, or by another one`;
    else if (Number(escaped) > groups) return `\\${escaped} stands for a group that the expression has not, it has ${groups}`;
    else parts.push(Number(escaped));
  }
  return parts;
}

/**
 * RE2 looks for one match in time that grows with the text, but each of many may be looked for to its very end: `a(.*b)?` in 128 KB of `a`
 * would hold every request up for minutes. Twice through the longest target there can be is allowed, or often through a usual one.
 */
const mostSteps = 2 ** 18;

function replaceMatches(expression: RE2JS, parts: readonly Part[], text: string): string | undefined {
  const matcher = expression.matcher(text);
  let replaced = '';
  let from = 0;
  let lastEnd = -1;
  let steps = text.length;
  while (matcher.find()) {
    steps += text.length - matcher.end();
    if (steps > mostSteps) return undefined;
    const [start, end] = [matcher.start(), matcher.end()];
    // Nothing right behind a match is none by RE2's own rule; other libraries count it.
    if (start === end && start === lastEnd) continue;
    replaced += text.slice(from, start) + parts.map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? ''))).join('');
    from = end;
    lastEnd = end;
  }
  return replaced + text.slice(from);
}
