import type { DistinguishedName } from '../distinguished-name.ts';
import { writeDistinguishedName } from '../distinguished-name.ts';

/**
 * RFC 4514 with every special character as hex pairs, `=` and all that is no printable ASCII among them. So `,`, `;`, `=` and `"` only
 * stand where the syntax has them, and a reader that merely splits at them finds no attribute that the certificate doesn't have.
 */
export function nameForHeader(name: DistinguishedName): string {
  return writeDistinguishedName(name, (text) => text.replace(special, hexPairs));
}

const special = /^[ #]| $|["+,;<=>\\]|[^\x20-\x7e]/gu;

function hexPairs(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '\\$&');
}

/**
 * A value that stands alone: as it is while it is printable ASCII, percent-encoded otherwise. Also encoded is what would arrive as another:
 * the name `%C5%BC` would be taken for `ż`, and spaces at the ends of a field are no part of it.
 */
export function bareValue(text: string): string {
  return isPrintable(text) && !/%[0-9a-f]{2}|^ | $/i.test(text) ? text : percentEncoded(text);
}

/** Space to tilde. */
export function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** All but the unreserved characters of RFC 3986; of PEM the same as `encodeURIComponent` makes. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The ASCII text that `percentEncoded` was given. Undefined for what it doesn't write: of `+` readers disagree whether it is a space,
 * and a character that should have been encoded tells of a sender that speaks another dialect.
 */
export function percentDecoded(value: string): string | undefined {
  return /^(?:[\w.~-]|%[0-7][0-9a-f])*$/i.test(value) ? decodeURIComponent(value) : undefined;
}
