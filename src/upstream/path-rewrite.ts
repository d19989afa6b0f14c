import type { PathRewriteSettings } from '../config/action-settings.ts';
import type { PathMatcherSettings } from '../config/settings.ts';
import type { CanonicalPath, PathRules } from '../http/path.ts';
import { parseTarget } from '../http/path.ts';
import type { Compiled } from './substitution.ts';
import { compileSubstitution, refuseSubstitution } from './substitution.ts';

/** Undefined when what comes out is no path or takes too long to make, or its reader would resolve it to another: the request is to be refused. */
export type PathRewrite = (path: CanonicalPath) => CanonicalPath | undefined;

export type RewriteRules = Pick<PathRules, 'mergeSlashes'>;

/** Only an expression or its substitution can be wrong. A prefix is replaced text for text, as Envoy does it. */
export function compilePathRewrite(
  settings: PathRewriteSettings,
  matcher: PathMatcherSettings,
  rules: RewriteRules,
): Compiled<PathRewrite> {
  if (settings.kind === 'prefix') {
    const { replacement } = settings;
    return { ok: true, value: (path) => settle(replacePrefix(replacement, matcher, path), rules) };
  }
  const compiled = compileSubstitution(settings);
  if (!compiled.ok) return compiled;
  if (notInPath.test(settings.substitution)) return refuseSubstitution(settings, 'it holds a character that no path can carry');
  return { ok: true, value: (path) => settle(compiled.value(path), rules) };
}

const notInPath = /[^\x21-\x7e]|[?#]/;

/** What the matcher matched becomes `replacement`; where it looks at no path, that is the slash that every path begins with. */
function replacePrefix(replacement: string, matcher: PathMatcherSettings, path: string): string {
  if (matcher.kind === 'path' || matcher.kind === 'regex') return replacement;
  const rest = path.slice(matcher.kind === 'prefix' ? matcher.prefix.length : 1);
  // `/app` to `/` makes `//y` of `/app/y`: the slash on one side of the seam is enough.
  return replacement.endsWith('/') && rest.startsWith('/') ? replacement + rest.slice(1) : replacement + rest;
}

// Between slashes of any spelling, with dots of any spelling.
const dotSegment = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?=[/\\]|%2f|%5c|$)/i;

/**
 * The rewritten path in canonical form. A dot segment in it is refused and not resolved: the canonical path that was judged had none, so
 * it came about at a seam (`/app../x`, with `/base/` in place of `/app`), and would lead out of the place the route leads to.
 */
function settle(rewritten: string | undefined, { mergeSlashes }: RewriteRules): CanonicalPath | undefined {
  if (rewritten === undefined || dotSegment.test(rewritten)) return undefined;
  const target = parseTarget(rewritten, { mergeSlashes, escapedSlashes: 'keep_unchanged' });
  return typeof target === 'string' || target.query !== '' ? undefined : target.path;
}
