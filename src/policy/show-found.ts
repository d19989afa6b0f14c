import type { Found } from './policy-tree.ts';

const longest = 200;
const mostValues = 50;

/**
 * What a criterion looked at, as one short line that is safe on a terminal: it comes from whoever asked, and what it holds of
 * control and direction characters would write somebody else's line. Values of a claim stand as in JSON, so that 5 is not "5".
 */
export function showFound(found: Found): string | undefined {
  if (found === undefined) return undefined;
  const text = typeof found === 'string' ? found : showValues(found);
  const visible = text.slice(0, longest + 1).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeCharacter);
  return visible.length > longest ? `${visible.slice(0, longest)}…` : visible;
}

function showValues(values: Exclude<Found, string | undefined>): string {
  const shown = values.slice(0, mostValues).map((value) => JSON.stringify(typeof value === 'string' ? value.slice(0, longest) : value));
  return values.length > mostValues ? `${shown.join(', ')}, …` : shown.join(', ');
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
