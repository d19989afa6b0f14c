import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

// Whatever ends up in a request target or in `Location` as it is written here: nothing may break out of it (RFC 3986 section 3.3).
const pathText = /^\/[\x21-\x7e]*$/;
// Half an escape, or the escape of a control character, which no request may hold either.
const badEscape = /%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|7f)/i;
const dotSegment = /^[^?]*\/(?:\.|%2e){1,2}(?=[/?]|$)/i;

/**
 * What is wrong with a path that replaces another one, or undefined. Dot segments are refused: whoever follows them next would
 * leave the place that this path was to lead to.
 */
export function refusePathText(text: string, { query = false }: { readonly query?: boolean } = {}): string | undefined {
  if (!text.startsWith('/')) return 'must begin with a slash';
  if (!pathText.test(text) || /[\\#]/.test(text) || badEscape.test(text))
    return 'holds a character that no path can carry: write it percent-encoded, like %20 for a blank';
  if (!query && text.includes('?')) return 'must not hold a query';
  return dotSegment.test(text) ? 'must not hold . or .. as a part of the path' : undefined;
}

/** The path that a key holds; undefined, and a problem told, when it can't be one. */
export function readPathText(reading: Reading, path: SettingPath, text: string, options?: { readonly query: boolean }): string | undefined {
  const refusal = refusePathText(text, options);
  if (refusal !== undefined) reading.error(path, `${writePath(path)} ${quoteValue(text)} ${refusal}`);
  return refusal === undefined ? text : undefined;
}
