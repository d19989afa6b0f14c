import type { InboundRules } from './inbound-rules.ts';
import { defaultInboundRules } from './inbound-rules.ts';

declare const pathBrand: unique symbol;

/** A request path in its one canonical form. The route table, `http_path`, the log and the upstream all see this one. */
export type CanonicalPath = string & { readonly [pathBrand]: true };

export interface RequestTarget {
  readonly path: CanonicalPath;
  /** With its leading `?`, byte for byte as sent; empty when there is none. */
  readonly query: string;
}

export type TargetRefusal = 'path-escaped-slash' | 'path-invalid' | 'target-invalid';

export type PathRules = Pick<InboundRules, 'mergeSlashes' | 'escapedSlashes'>;

/**
 * Reads an origin-form request target (RFC 9112 section 3.2.1): dot segments are resolved, slashes merged, escapes of
 * unreserved characters decoded, other escapes kept in upper case. Whatever could be read in two ways is refused, because
 * every bypass of this kind came from two readers that disagreed. Where escaped slashes are unescaped by a redirect they are
 * refused here: whoever redirects reads the target once more, with `unescape_and_forward`.
 */
export function parseTarget(raw: string, rules: PathRules = defaultInboundRules): RequestTarget | TargetRefusal {
  if (!raw.startsWith('/')) return 'target-invalid';
  const mark = raw.indexOf('?');
  const rawPath = mark === -1 ? raw : raw.slice(0, mark);
  const query = mark === -1 ? '' : raw.slice(mark);
  if (!queryCharacters.test(query)) return query.includes('#') ? 'path-invalid' : 'target-invalid';
  if (plainPath.test(rawPath)) return { path: mintPath(rawPath), query };
  const path = canonicalise(rawPath, rules);
  return path.startsWith('/') ? { path: mintPath(path), query } : (path as TargetRefusal);
}

// Nothing to resolve, merge or decode: the shape of nearly every request, decided by one linear scan.
const plainPath = /^(?:\/(?!\.)[A-Za-z0-9_~!$&'()*+,;=:@.-]+)*\/?$/;
const queryCharacters = /^[\x21\x22\x24-\x7e\x80-\xff]*$/;
// Controls, space, DEL, the fragment mark, the backslash that some servers read as a slash, and bytes outside ASCII.
// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const forbidden = /[\x00-\x20\x7f-\uffff#\\]/;
const escape = /%([0-9A-Fa-f]{2})?/g;
const unreserved = /^[A-Za-z0-9._~-]$/;

function canonicalise(rawPath: string, { mergeSlashes, escapedSlashes }: PathRules): string {
  if (forbidden.test(rawPath)) return 'path-invalid';
  let refusal: TargetRefusal | undefined;
  const decoded = rawPath.replace(escape, (whole, hex: string | undefined) => {
    const code = hex === undefined ? 0 : Number.parseInt(hex, 16);
    if (code < 0x20 || code === 0x7f) refusal = 'path-invalid';
    else if (code === 0x2f || code === 0x5c) {
      // Envoy unescapes the backslash as well, and then reads it as a slash: made one, it can't be read as anything else.
      if (escapedSlashes === 'unescape_and_forward') return '/';
      if (escapedSlashes !== 'keep_unchanged') refusal ??= 'path-escaped-slash';
    }
    const character = String.fromCharCode(code);
    return unreserved.test(character) ? character : whole.toUpperCase();
  });
  if (refusal !== undefined) return refusal;
  // Only now, when every dot and every slash that was escaped is one: `%2e%2e%2f` is `../`.
  const resolved = removeDotSegments(decoded);
  // A kept slash is data. Beside a dot segment it is a path that an upstream which unescapes first resolves to another one.
  if (escapedDotSegment.test(resolved)) return 'path-escaped-slash';
  // At the start they are always merged: `//host/x` is an address to whoever reads it as a reference (RFC 3986 section 4.2).
  return resolved.replace(mergeSlashes ? /\/{2,}/g : /^\/{2,}/, '/');
}

// No dot segment is left between plain slashes, so one that is found has an escaped slash beside it.
const escapedDotSegment = /(?:\/|%2F|%5C)\.{1,2}(?:\/|%2F|%5C|$)/;

/** RFC 3986 section 5.2.4, before slashes are merged: `/a//../b` is `/a/b`. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '.' || segment === '..') {
      if (segment === '..') kept.pop();
      if (last) kept.push('');
    } else kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

function mintPath(canonical: string): CanonicalPath {
  return canonical as CanonicalPath;
}
