import { X509Certificate } from 'node:crypto';

// Readers as the consumers of these headers have them, written from what they document and sharing nothing with the code under test.

export type Headers = ReadonlyMap<string, string>;

/** A gateway interface's view: `_` and `-` alike, one value a name. Fails on a name that comes twice. */
export function environment(list: readonly string[]): Headers {
  const headers = new Map<string, string>();
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] ?? '').toLowerCase().replaceAll('_', '-');
    if (headers.has(name)) throw new Error(`${name} twice`);
    headers.set(name, list[index + 1] ?? '');
  }
  return headers;
}

/**
 * What authentik's Mutual TLS stage tries, in its order: three headers, of which the first is split at `,`, `;` and `=` without regard to
 * quotes. What is no PEM is passed over.
 */
export function readByAuthentik(headers: Headers): readonly X509Certificate[] {
  const candidates: string[] = [];
  for (const element of (headers.get('x-forwarded-client-cert') ?? '').split(',')) {
    const pairs = new Map(element.split(';').map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
    candidates.push(pairs.get('Cert') ?? '');
  }
  candidates.push(headers.get('ssl-client-cert') ?? '', headers.get('x-forwarded-tls-client-cert') ?? '');
  return candidates.flatMap((candidate) => firstPem(unquotePlus(candidate)));
}

/** Python's `urllib.parse.unquote_plus`: `+` is a space, and what is no escape stays. */
function unquotePlus(text: string): string {
  const bytes = text.replaceAll('+', ' ').replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function firstPem(text: string): readonly X509Certificate[] {
  const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text)?.[0];
  return block === undefined ? [] : [new X509Certificate(block)];
}

/** The pairs of each element of an XFCC header: one character after the other, quotes and backslashes respected. */
export function readXfccElements(value: string): readonly (readonly (readonly [key: string, value: string])[])[] {
  const elements: [string, string][][] = [[]];
  let [key, text, inKey, inQuotes] = ['', '', true, false];
  const endPair = (): void => {
    if (inKey || inQuotes) throw new Error('a pair without value or end');
    elements.at(-1)?.push([key, text]);
    [key, text, inKey] = ['', '', true];
  };
  for (let index = 0; index < value.length; index += 1) {
    const character = value.charAt(index);
    if (inQuotes && character === '\\') text += value.charAt((index += 1));
    else if (character === '"') inQuotes = !inQuotes;
    else if (inQuotes) text += character;
    else if (character === ';') endPair();
    else if (character === ',') {
      endPair();
      elements.push([]);
    } else if (inKey && character === '=') inKey = false;
    else if (inKey) key += character;
    else text += character;
  }
  endPair();
  return elements;
}

/** Go's `url.QueryUnescape`, then the fields of Traefik's `-Info` as those split them who know that nothing in them is escaped. */
export function readTraefikInfo(value: string): ReadonlyMap<string, string> {
  const decoded = decodeURIComponent(value.replaceAll('+', ' '));
  const fields = decoded.split(';').map((field) => /^(Subject|Issuer|SAN)="([^"]*)"$/.exec(field));
  if (fields.includes(null)) throw new Error(`not Traefik's grammar: ${decoded}`);
  return new Map(fields.map((field) => [field?.[1] ?? '', field?.[2] ?? '']));
}

/** RFC 8941 section 4.2.7 for an Item, by the letter. */
export function readByteSequence(text: string): Buffer {
  if (!text.startsWith(':') || !text.endsWith(':') || text.length < 2) throw new Error('no byte sequence');
  const base64 = text.slice(1, -1);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) throw new Error('no base64');
  return Buffer.from(base64, 'base64');
}

/** RFC 8941 section 4.2.1 for a List of byte sequences. */
export function readByteSequences(text: string): readonly Buffer[] {
  return text.split(/[ \t]*,[ \t]*/).map(readByteSequence);
}

/** The RDNs of an RFC 4514 string, each a sorted list of `type=value`; fails on what section 3 doesn't allow. */
export function readDn(text: string): readonly (readonly string[])[] {
  if (text === '') return [];
  return split(text, ',').map((rdn) =>
    split(rdn, '+')
      .map((attribute) => {
        const [, type, value] = /^([A-Za-z]+|[0-9.]+)=(.*)$/s.exec(attribute) ?? [];
        if (type === undefined || value === undefined) throw new Error(`no attribute: ${attribute}`);
        return `${type}=${unescapeValue(value)}`;
      })
      .toSorted(),
  );
}

function split(text: string, separator: string): readonly string[] {
  const parts = [''];
  for (const piece of text.match(/\\?./gs) ?? []) {
    if (piece === separator) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${piece}`);
  }
  return parts;
}

function unescapeValue(value: string): string {
  if (/^[ #]|(?<!\\) $|["+,;<>\0]/.test(value.replace(/\\(?:[0-9A-F]{2}|.)/gs, 'x'))) throw new Error(`not escaped: ${value}`);
  const bytes = [...value.matchAll(/\\([0-9A-F]{2})|\\(.)|([^\\])/gs)].map(([, hex, special, plain]) =>
    hex === undefined ? Buffer.from(special ?? plain ?? '', 'utf8') : Buffer.from(hex, 'hex'),
  );
  return Buffer.concat(bytes).toString('utf8');
}

/** The `type=value` pairs of those who split a name at `,` and `=` and know of no escapes. */
export function naiveTypes(dn: string): readonly string[] {
  return dn === '' ? [] : dn.split(',').map((part) => part.split('=')[0] ?? '');
}
