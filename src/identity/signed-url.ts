import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SecretList } from './secrets.ts';

export interface SigningMoment {
  /** The first signs, every one verifies. */
  readonly keys: SecretList;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type SignedQuery =
  | { readonly kind: 'valid'; readonly parameters: URLSearchParams }
  /** Signed by us, and too old. */
  | { readonly kind: 'expired'; readonly parameters: URLSearchParams }
  | { readonly kind: 'invalid' };

const lifetimeSeconds = 300;
const skewSeconds = 60;
const wholeSeconds = /^[0-9]{1,12}$/;

/**
 * A URL with Pomerium's signature parameters, good for five minutes: HMAC-SHA-512/256 over the URL with its sorted query,
 * the moment of issue and the moment of expiry. `base` has no query.
 */
export function signUrl(base: string, parameters: Readonly<Record<string, string>>, { keys: [key], at }: SigningMoment): string {
  const issued = Math.floor(at / 1000);
  const times = { pomerium_issued: String(issued), pomerium_expiry: String(issued + lifetimeSeconds) };
  const query = encodeSorted(Object.entries({ ...parameters, ...times }));
  const signature = signatureOf(`${base}?${query}`, times.pomerium_issued, times.pomerium_expiry, key);
  return `${base}?${encodeSorted([...Object.entries({ ...parameters, ...times }), ['pomerium_signature', signature]])}`;
}

/** Checks a query made by `signUrl` for the same base. Every parameter is under the signature; a parameter given twice is refused. */
export function verifySignedUrl(base: string, query: string, { keys, at }: SigningMoment): SignedQuery {
  const parameters = new URLSearchParams(query);
  const signature = parameters.get('pomerium_signature') ?? '';
  const issued = parameters.get('pomerium_issued') ?? '';
  const expiry = parameters.get('pomerium_expiry') ?? '';
  if (!wholeSeconds.test(issued) || !wholeSeconds.test(expiry)) return { kind: 'invalid' };
  if (new Set(parameters.keys()).size !== parameters.size) return { kind: 'invalid' };
  parameters.delete('pomerium_signature');
  const url = `${base}?${encodeSorted([...parameters])}`;
  if (!keys.some((key) => equalInConstantTime(signature, signatureOf(url, issued, expiry, key)))) return { kind: 'invalid' };
  const now = at / 1000;
  // From the future: the clocks of two of our processes differ by more than can be tolerated.
  if (Number(issued) > now + skewSeconds) return { kind: 'invalid' };
  return { kind: Number(expiry) < now - skewSeconds ? 'expired' : 'valid', parameters };
}

function signatureOf(url: string, issued: string, expiry: string, key: Buffer): string {
  const digest = createHmac('sha512-256', key).update(`${url}${issued} ${expiry}`).digest('base64url');
  // Pomerium pads: 32 bytes are 43 characters and one `=`.
  return `${digest}=`;
}

/** Names in code-unit order, and the escapes of Go's `url.Values.Encode`, over which Pomerium signs. */
function encodeSorted(entries: readonly (readonly [string, string])[]): string {
  return entries
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`)
    .join('&');
}

function queryEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function equalInConstantTime(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
