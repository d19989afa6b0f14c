import type { HeaderList } from './header-list.ts';
import { headerValues } from './header-list.ts';

/** Every value sent for one cookie name, in order; quotes are left as they are. Names are case-sensitive (RFC 6265 section 4.2). */
export function cookieValues(headers: HeaderList, name: string): readonly string[] {
  const start = `${name}=`;
  const pairs = headerValues(headers, 'cookie').flatMap((header) => header.split(';'));
  return pairs
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
}

/** A `Cookie` value without the pairs whose name satisfies `isOurs`; undefined when nothing is left. Other pairs stay byte for byte. */
export function withoutCookies(cookieHeader: string, isOurs: (name: string) => boolean): string | undefined {
  const pairs = cookieHeader.split(';');
  const others = pairs.filter((pair) => !isOurs(cookieName(pair)));
  if (others.length === pairs.length && cookieHeader !== '') return cookieHeader;
  const kept = others.map(withoutBlanks).filter((pair) => pair !== '');
  return kept.length === 0 ? undefined : kept.join('; ');
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
