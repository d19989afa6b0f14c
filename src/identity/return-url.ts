import type { Authority } from '../http/hostname.ts';
import { parseAuthority } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';

/** Where a visitor goes back to after signing in. */
export interface ReturnUrl {
  readonly url: string;
  readonly authority: Authority;
}

// The URL travels in the query of two redirects and in the state, and servers refuse request lines beyond 8 KB.
const longestUrl = 4_000;
const printable = /^[\x21-\x7e]+$/;
const pathAndQuery = /^[^?]*/;

/** The very URL a request asked for, its query byte for byte; only the path when the whole would be longer than 4,000 characters. */
export function returnUrlOf(inbound: Inbound): string {
  const origin = originOf(inbound.authority);
  const whole = escapeBytes(`${origin}${inbound.path}${inbound.query}`);
  if (whole.length <= longestUrl) return whole;
  return `${origin}${inbound.path}`.length <= longestUrl ? `${origin}${inbound.path}` : `${origin}/`;
}

/** `https://host[:port]`, in canonical form: the port is left out when it is 443. */
export function originOf({ hostname, port }: Authority): string {
  return port === undefined || port === 443 ? `https://${hostname}` : `https://${hostname}:${port}`;
}

/**
 * Reads a URL made by `returnUrlOf`; undefined for everything else. It was signed by us, and is read as strictly as if it had
 * not been: every open redirect came from two readers that saw different hosts in one text.
 */
export function readReturnUrl(text: string): ReturnUrl | undefined {
  if (!printable.test(text) || text.length > longestUrl) return undefined;
  const beforeQuery = pathAndQuery.exec(text)?.[0] ?? '';
  if (beforeQuery.includes('\\') || beforeQuery.includes('#')) return undefined;
  const end = text.indexOf('/', 'https://'.length);
  if (!text.startsWith('https://') || end === -1) return undefined;
  const authority = parseAuthority(text.slice('https://'.length, end));
  // Only the canonical spelling, so that what a browser reads as the host is what we read.
  if (authority === undefined || !text.startsWith(`${originOf(authority)}/`)) return undefined;
  return URL.canParse(text) ? { url: text, authority } : undefined;
}

/** Bytes outside ASCII, which a request line may hold and a `Location` should not. */
function escapeBytes(text: string): string {
  return text.replace(/[\x80-\xff]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
