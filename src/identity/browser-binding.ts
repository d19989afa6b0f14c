import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieValues, writeSetCookie } from '../http/cookies.ts';
import type { Inbound } from '../http/inbound.ts';
import type { SecretList } from './secrets.ts';

/** Ties a sign-in to the browser that began it, so that nobody can be signed in as somebody else by following a link (login CSRF). */
export interface BrowserBinding {
  /** The mark of this browser at this host, and the cookie to set when it has none yet. Tabs that sign in side by side share it. */
  begin(inbound: Inbound): { readonly mark: string; readonly setCookies: readonly string[] };
  isSameBrowser(inbound: Inbound, mark: string): boolean;
  /** Whether the browser has one cookie that can be ours, whatever it began: then a sign-in that begins now will be known again. */
  isKnown(inbound: Inbound): boolean;
}

const wellFormed = /^[A-Za-z0-9_-]{43}$/;

/** `cookieName` is the cookie that holds the random value; a mark is a keyed hash of it and the host, so a mark of one host is none at another. */
export function createBrowserBinding(cookieName: string, secrets: SecretList): BrowserBinding {
  const [newest, ...older] = secrets;
  const newestKey = keyOf(newest);
  const keys = [newestKey, ...older.map(keyOf)];

  function markOf(inbound: Inbound, value: string, key = newestKey): string {
    return createHmac('sha256', key).update(`${inbound.authority.hostname} ${value}`).digest('base64url');
  }

  function valuesOf(inbound: Inbound): readonly string[] {
    return [...new Set(cookieValues(inbound.headers, cookieName))].filter((value) => wellFormed.test(value));
  }

  return {
    begin(inbound) {
      const [known] = valuesOf(inbound);
      if (known !== undefined) return { mark: markOf(inbound, known), setCookies: [] };
      const value = randomBytes(32).toString('base64url');
      return {
        mark: markOf(inbound, value),
        setCookies: [writeSetCookie(cookieName, value, { path: '/', httpOnly: true, sameSite: 'Lax' })],
      };
    },
    isKnown: (inbound) => valuesOf(inbound).length === 1,
    isSameBrowser(inbound, mark) {
      const [value, ...others] = valuesOf(inbound);
      // A second value was planted by a neighbour on the parent domain: it must not be able to stand in for ours.
      if (value === undefined || others.length > 0) return false;
      const given = Buffer.from(mark);
      return keys.some((key) => {
        const expected = Buffer.from(markOf(inbound, value, key));
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}

function keyOf(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'postern browser binding v1', 32));
}
