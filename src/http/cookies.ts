import type { HeaderList } from './header-list.ts';
import { headerValues } from './header-list.ts';

/** Every value sent for one cookie name, in order; quotes are left as they are. Names are case-sensitive (RFC 6265 section 4.2). */
export function cookieValues(headers: HeaderList, name: string): readonly string[] {
  const start = `${name}=`;
  const values: string[] = [];
  for (const header of headerValues(headers, 'cookie')) {
    // Most pairs are others': only those that hold the name are looked at.
    for (let found = header.indexOf(start); found !== -1;) {
      const pairStart = header.lastIndexOf(';', found) + 1;
      const pairEnd = endOf(header, found);
      if (header.slice(pairStart, found).trim() === '') values.push(header.slice(found + start.length, pairEnd).trimEnd());
      found = header.indexOf(start, pairEnd);
    }
  }
  return values;
}

/** A `Cookie` value without the pairs whose name satisfies `isOurs`; undefined when nothing is left. Other pairs stay byte for byte. */
export function withoutCookies(cookieHeader: string, isOurs: (name: string) => boolean): string | undefined {
  let kept = '';
  let drops = cookieHeader === '';
  for (let from = 0; from <= cookieHeader.length;) {
    const end = endOf(cookieHeader, from);
    const pair = cookieHeader.slice(from, end);
    const other = isOurs(cookieName(pair)) ? undefined : withoutBlanks(pair);
    if (other === undefined) drops = true;
    else if (other !== '') kept = kept === '' ? other : `${kept}; ${other}`;
    from = end + 1;
  }
  if (!drops) return cookieHeader;
  return kept === '' ? undefined : kept;
}

/** Where the pair ends that holds this place. */
function endOf(cookieHeader: string, place: number): number {
  const end = cookieHeader.indexOf(';', place);
  return end === -1 ? cookieHeader.length : end;
}

/** Without the spaces and tabs around it, and no other character. An expression for it would take quadratic time in a run of spaces further in. */
function withoutBlanks(pair: string): string {
  let from = 0;
  let to = pair.length;
  while (from < to && isBlank(pair.charCodeAt(from))) from += 1;
  while (to > from && isBlank(pair.charCodeAt(to - 1))) to -= 1;
  return pair.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Servers trim names in ways of their own, so ours is known whatever white space stands around it; a pair without `=` is all name. */
function cookieName(pair: string): string {
  const equals = pair.indexOf('=');
  return (equals === -1 ? pair : pair.slice(0, equals)).trim();
}

export interface CookieAttributes {
  readonly path: string;
  readonly domain?: string | undefined;
  /** Seconds; 0 deletes the cookie, undefined makes it last as long as the browser. */
  readonly maxAge?: number | undefined;
  readonly httpOnly: boolean;
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined;
}

/** A `Set-Cookie` value. `Secure` is always set: no cookie of ours may travel in the clear. */
export function writeSetCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, domain, maxAge, httpOnly, sameSite } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    'Secure',
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
  ].join('; ');
}
