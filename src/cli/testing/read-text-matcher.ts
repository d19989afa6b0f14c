import { writePath } from '../../config/problem.ts';
import type { Reading } from '../../config/reading.ts';
import { holdsAll, parseStringMatcher } from '../../policy/string-matcher.ts';
import type { Leaf } from './read-leaf.ts';

export interface TextMatcher {
  /** As differences show it. */
  readonly shown: string;
  readonly test: (text: string) => boolean;
}

/** A text, or a map of the operators that policies have for strings: `{starts_with: …}`. Undefined when a problem was told. */
export function readTextMatcher(reading: Reading, { path, value }: Leaf): TextMatcher | undefined {
  const data = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  const parsed = parseStringMatcher(data, path);
  if (!parsed.ok) {
    for (const problem of parsed.problems) reading.error(problem.path, `${writePath(path)}: ${problem.message}`);
    return undefined;
  }
  return { shown: typeof data === 'string' ? data : operators(data), test: holdsAll(parsed.value) };
}

function operators(data: unknown): string {
  return Object.entries(typeof data === 'object' && data !== null ? data : {})
    .map(([operator, operand]) => `${operator} ${Array.isArray(operand) ? operand.join(', ') : String(operand)}`)
    .join(' and ');
}
