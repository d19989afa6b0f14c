import type { HeaderList } from './header-list.ts';
import { headerValues } from './header-list.ts';

/** Every value sent for one cookie name, in order; quotes are left as they are. Names are case-sensitive (RFC 6265 section 4.2). */
export function cookieValues(headers: HeaderList, name: string): readonly string[] {
  const values: string[] = [];
  for (const header of headerValues(headers, 'cookie')) {
    for (const pair of header.split(';')) {
      const trimmed = pair.trim();
      if (trimmed.length > name.length && trimmed.startsWith(name) && trimmed[name.length] === '=')
        values.push(trimmed.slice(name.length + 1));
    }
  }
  return values;
}

/** A `Cookie` value without the pairs whose name satisfies `isOurs`; undefined when nothing is left. Other pairs stay byte for byte. */
export function withoutCookies(cookieHeader: string, isOurs: (name: string) => boolean): string | undefined {
  const pairs = cookieHeader.split(';');
  const kept = pairs.filter((pair) => {
    const name = (pair.split('=', 1)[0] ?? '').trim();
    return pair.trim() !== '' && !isOurs(name);
  });
  if (kept.length === pairs.length) return cookieHeader;
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
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
