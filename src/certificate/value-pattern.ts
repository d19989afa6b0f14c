import { RE2JS } from 're2js';
import type { ValuePattern } from '../config/certificate-identity-settings.ts';
import type { SettingPath } from '../config/problem.ts';

/** The value in a text: all of it, or what the one group caught; undefined when the text doesn't match as a whole, or nothing was caught. */
export type ReadMatch = (text: string) => string | undefined;

export type ValuePatternCompilation =
  | { readonly ok: true; readonly read: ReadMatch }
  | { readonly ok: false; readonly path: SettingPath; readonly message: string };

/** Without a pattern every text is its own value, but the empty one. RE2 takes linear time whatever a certificate holds. */
export function compileValuePattern(written: ValuePattern | undefined): ValuePatternCompilation {
  if (written === undefined) return { ok: true, read: (text) => text || undefined };
  const { pattern, place } = written;
  const refuse = (found: string): ValuePatternCompilation => {
    const cure = 'write an RE2 expression for the whole value, with one group at most';
    return { ok: false, path: place, message: `cannot use match ${JSON.stringify(pattern)}: ${found}; ${cure}` };
  };
  try {
    const expression = RE2JS.compile(pattern);
    const groups = expression.groupCount();
    if (groups > 1) return refuse(`it has ${groups} capture groups, and which of them is the value would be a guess`);
    return { ok: true, read: (text) => readGroup(expression, groups, text) };
  } catch (error) {
    // Whatever the library throws, this text is what it could not compile: refuse it.
    return refuse(String(error).replace(/^.*error parsing regexp: /, ''));
  }
}

function readGroup(expression: RE2JS, group: number, text: string): string | undefined {
  const matcher = expression.matcher(text);
  if (!matcher.matches()) return undefined;
  return matcher.group(group) || undefined;
}
