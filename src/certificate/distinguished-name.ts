import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readOid } from './read-der.ts';

export interface NameAttribute {
  /** Dotted. */
  readonly type: string;
  /** Undefined when the value is no string, or not one in its own encoding. */
  readonly text: string | undefined;
  /** The value as encoded. */
  readonly raw: Buffer;
}

/** In certificate order: the least specific first. Each entry is one RDN, usually of one attribute. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

export const emailAddressOid: string = '1.2.840.113549.1.9.1';
export const commonNameOid: string = '2.5.4.3';

export function readDistinguishedName(value: DerValue | undefined): DistinguishedName {
  return readChildren(expectTag(value, 0x30)).map((rdn) => {
    const attributes = readChildren(expectTag(rdn, 0x31)).map(readAttribute);
    if (attributes.length === 0) throw new MalformedDer('a name part without attributes');
    return attributes;
  });
}

/**
 * RFC 4514: most specific part first, every character that could end a value escaped. Control and invisible formatting
 * characters are escaped too, which the RFC allows: a name must not be able to rewrite the line of the log it stands in. Where more has
 * to be escaped, `escape` does it, value by value.
 */
export function writeDistinguishedName(name: DistinguishedName, escape: (text: string) => string = escapeText): string {
  return name
    .map((rdn) => rdn.map((attribute) => writeAttribute(attribute, escape)).join('+'))
    .toReversed()
    .join(',');
}

/** A form that is equal for names RFC 5280 section 7.1 calls equal: case and runs of spaces don't count, the string type neither. */
export function canonicalName(name: DistinguishedName): readonly string[] {
  return name.map((rdn) => rdn.map(canonicalAttribute).toSorted().join('+'));
}

// The descriptors of RFC 4514 section 3 and the registered ones that are met in client certificates.
const shortNames: ReadonlyMap<string, string> = new Map([
  [commonNameOid, 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.42', 'givenName'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  [emailAddressOid, 'emailAddress'],
]);

function readAttribute(value: DerValue): NameAttribute {
  const [type, attribute, ...rest] = readChildren(expectTag(value, 0x30));
  if (attribute === undefined || rest.length > 0) throw new MalformedDer('a name attribute that is no pair');
  return { type: readOid(type), text: decodeText(attribute), raw: attribute.raw };
}

function decodeText({ tag, contents }: DerValue): string | undefined {
  switch (tag) {
    case 0x0c: // UTF8String
      return decodeUtf8(contents);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x16: // IA5String
      return contents.every((byte) => byte < 0x80) ? contents.toString('latin1') : undefined;
    case 0x14: // TeletexString: what is found in it is Latin-1
      return contents.toString('latin1');
    case 0x1e: // BMPString
      return contents.length % 2 === 0 ? decodeUtf16(contents) : undefined;
    default:
      return undefined;
  }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

function decodeUtf16(bytes: Buffer): string | undefined {
  const text = Buffer.from(bytes).swap16().toString('utf16le');
  return text.isWellFormed() ? text : undefined;
}

function writeAttribute({ type, text, raw }: NameAttribute, escape: (text: string) => string): string {
  const shortName = shortNames.get(type);
  // RFC 4514 section 2.4: what has no name, or no text, is written as the hex of its encoding.
  return shortName === undefined || text === undefined ? `${shortName ?? type}=#${raw.toString('hex')}` : `${shortName}=${escape(text)}`;
}

// One pass over the text: a second one would take the backslashes of the first for the holder's own.
function escapeText(text: string): string {
  return text.replace(/^[ #]| $|["+,;<>\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    /[ #"+,;<>\\]/.test(character) ? `\\${character}` : hexPairs(character),
  );
}

function hexPairs(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '\\$&');
}

function canonicalAttribute({ type, text, raw }: NameAttribute): string {
  if (text === undefined) return `${type}=#${raw.toString('hex')}`;
  // RFC 4518: invisible characters are dropped, and case counts in no script. Otherwise an excluded name has spellings that are not.
  const folded = text
    .normalize('NFKC')
    .replace(/[\p{Cf}\u{FE00}-\u{FE0F}]/gu, '')
    .toLowerCase()
    .trim()
    .replace(/\s+/g, ' ');
  return `${type}=${JSON.stringify(folded)}`;
}
