import { RE2JS } from 're2js';
import type { PathMatcherSettings } from '../config/settings.ts';

/** What a route asks of the path, ready to be asked; no path makes it slow, because RE2 knows no backtracking. */
export type CompiledMatcher =
  | Exclude<PathMatcherSettings, { readonly kind: 'regex' }>
  | { readonly kind: 'regex'; readonly regex: string; readonly expression: RE2JS };

export type MatcherCompilation =
  | { readonly ok: true; readonly matcher: CompiledMatcher }
  | { readonly ok: false; readonly message: string };

/** Only an expression can be wrong. RE2 has no look-around and no back-references. */
export function compilePathMatcher(settings: PathMatcherSettings): MatcherCompilation {
  if (settings.kind !== 'regex') return { ok: true, matcher: settings };
  const { regex } = settings;
  try {
    return { ok: true, matcher: { kind: 'regex', regex, expression: RE2JS.compile(regex) } };
  } catch (error) {
    // Whatever the library throws, this text is what it could not compile: refuse it.
    const found = String(error).replace(/^.*error parsing regexp: /, '');
    return { ok: false, message: `cannot read regex ${JSON.stringify(regex)}: ${found}; write an RE2 expression for the whole path` };
  }
}

/** `prefix` is a plain string prefix, `path` the whole path, `regex` an expression for the whole path. */
export function matchesPath(matcher: CompiledMatcher, path: string): boolean {
  if (matcher.kind === 'regex') return matcher.expression.testExact(path);
  if (matcher.kind === 'prefix') return path.startsWith(matcher.prefix);
  return matcher.kind === 'any' || path === matcher.path;
}
