import type { Browser } from '../identity/browser.ts';

/** The names of the cookies that a browser would send with a request for this address. */
export function cookieNames(jar: Browser, url: string): readonly string[] {
  return jar
    .cookies(url)
    .split('; ')
    .map((pair) => pair.split('=')[0] ?? '');
}
