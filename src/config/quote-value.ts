import { hideUserInformation } from './user-information.ts';

const longest = 80;
const longestSearched = 4096;
const pemBody = /(-----BEGIN)[^]*/;

/**
 * A value as messages quote it. Control characters are escaped, so that a configuration can't write to the operator's
 * terminal, and user information of a URL is hidden. Never for values of secret keys.
 */
export function quoteValue(value: unknown): string {
  if (typeof value === 'string') return quoteText(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a map';
}

function quoteText(text: string): string {
  // The search for user parts takes quadratic time, and before they are found no part of the text may be shown.
  if (text.length > longestSearched) return `a text of ${text.length} characters`;
  // A private key whose own key line was lost becomes part of the value before it.
  const shown = hideUserInformation(text.replace(pemBody, '$1…'), () => '…');
  const cut = shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
  return JSON.stringify(cut).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
