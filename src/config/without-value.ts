import type { Place } from './problem.ts';

/**
 * The place of a key that nobody knows, with what follows the key overwritten: it may be a secret whose key was misspelt beyond
 * recognition. A short value stays; it helps to see what was meant, and is no secret.
 */
export function withoutValue(place: Place | undefined): Place | undefined {
  if (place?.kind !== 'file') return place;
  const { sourceLine, column, length } = place;
  const keyEnd = column - 1 + length;
  const [colon = ''] = /^["']?\s*:/.exec(sourceLine.slice(keyEnd)) ?? [];
  const end = keyEnd + colon.length;
  const rest = sourceLine.slice(end);
  return longWord.test(rest) ? { ...place, sourceLine: sourceLine.slice(0, end) + rest.replace(/\S/g, '*') } : place;
}

const longWord = /\S{8,}/;
