import type { InboundRules } from '../http/inbound-rules.ts';
import type { RouteSettings } from '../config/settings.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Matchers that no canonical path fulfils: requests never have such a path, whatever the client writes. */
export function checkMatchers({ settings: { routes, inboundRules } }: LintSubject): readonly Finding[] {
  return routes.flatMap((route) => {
    const written = textOf(route);
    const why =
      written === undefined ? undefined : written.kind === 'regex' ? whyNoMatch(written.text) : whyNeverWritten(written, inboundRules);
    if (written === undefined || why === undefined) return [];
    return [
      {
        code: 'matches-nothing' as const,
        path: [...route.path, written.kind],
        message: `No path is matched by ${written.kind} ${JSON.stringify(written.text)}: ${why}`,
      },
    ];
  });
}

interface WrittenMatcher {
  readonly kind: 'prefix' | 'path' | 'regex';
  readonly text: string;
}

function textOf({ matcher }: RouteSettings): WrittenMatcher | undefined {
  switch (matcher.kind) {
    case 'any':
      return undefined;
    case 'prefix':
      return { kind: 'prefix', text: matcher.prefix };
    case 'path':
      return { kind: 'path', text: matcher.path };
    case 'regex':
      return { kind: 'regex', text: matcher.regex };
  }
}

const unreserved = /^[A-Za-z0-9._~-]$/;

/** Why canonical paths never begin with, or equal, a text. */
function whyNeverWritten({ kind, text }: WrittenMatcher, { mergeSlashes, escapedSlashes }: InboundRules): string | undefined {
  if (text.includes('?')) return 'the query is no part of the path';
  // oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
  if (/[\x00-\x20\x7f#\\]/.test(text)) return 'a path holds no spaces, control characters, "#" or "\\"';
  if (/[^\x21-\x7e]/.test(text)) return 'characters outside ASCII are percent-encoded in a path';
  if (mergeSlashes && text.includes('//')) return 'double slashes are merged';
  // The end of a prefix may be the beginning of something else: `/.` of `/.hidden`.
  const segments = text.split('/');
  const closed = kind === 'path' ? segments : segments.slice(0, -1);
  if (closed.some((segment) => segment === '.' || segment === '..')) return 'dot segments are resolved';
  for (const [escape, digits] of text.matchAll(/%([0-9A-Fa-f]{2})/g)) {
    const code = Number.parseInt(digits ?? '', 16);
    if (unreserved.test(String.fromCharCode(code))) return `${escape} is decoded to "${String.fromCharCode(code)}"`;
    if (escape !== escape.toUpperCase()) return `escapes are written in upper case, ${escape.toUpperCase()}`;
    if ((code === 0x2f || code === 0x5c) && escapedSlashes !== 'keep_unchanged') return `${escape} is not let through`;
  }
  return undefined;
}

/** Only what is plain to see; an expression is not solved for its language. */
function whyNoMatch(regex: string): string | undefined {
  const body = regex.replace(/^\^/, '').replace(/\$$/, '');
  if (body === '') return 'every path begins with a slash';
  // Alternatives, groups and flags may begin with anything.
  if (/[|()]/.test(body)) return undefined;
  const [first = '', second = ''] = body;
  const isLiteral = /[A-Za-z0-9_~@:;=&%-]/.test(first);
  if (isLiteral && !'?*{'.includes(second)) return 'it does not begin with a slash, as every path does';
  if (body.includes('\\?')) return 'the query is no part of the path';
  // Within a class or behind a backslash they are ordinary characters.
  const plain = body.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  if (plain.includes('^')) return '"^" stands where no path begins';
  return plain.includes('$') ? '"$" stands where no path ends' : undefined;
}
