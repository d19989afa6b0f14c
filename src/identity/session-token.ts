import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Hostname } from '../http/hostname.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { SecretList } from './secrets.ts';
import type { LiveSession } from './live-session.ts';

/** A session's handle for programs: a JWT that names the session, good at one host, and only as long as the session lives in the store. */
export interface SessionTokens {
  write(session: Pick<LiveSession, 'id' | 'userId' | 'expiresAt'>, hostname: Hostname): string;
  /** The id of the session that a token stands for at this host; undefined for everything that is not exactly one of ours. */
  read(token: string, hostname: Hostname): string | undefined;
}

interface Claims {
  readonly aud: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly sid: string;
}

const longestToken = 2048;
const signatureLength = 43;
const limit = 10_000;
// The one head that counts. It is compared and never read: no token can choose how it is verified (`alg: none`, RFC 8725 section 3.1).
const head = encode({ alg: 'HS256', typ: 'JWT' });

export function createSessionTokens(secrets: SecretList, now: () => number): SessionTokens {
  const [newest, ...older] = secrets;
  const key = deriveKey(newest);
  const keys = [key, ...older.map(deriveKey)];
  // A program shows the same token with every request.
  const verified = createBoundedMap<string, Claims>(limit);

  return {
    write({ id, userId, expiresAt }, hostname) {
      const issued = Math.floor(now() / 1000);
      const exp = Math.floor(expiresAt / 1000);
      const claims = { iss: hostname, aud: hostname, sub: userId, sid: id, jti: randomUUID(), iat: issued, exp };
      const input = `${head}.${encode(claims)}`;
      return `${input}.${signatureOf(input, key)}`;
    },
    read(token, hostname) {
      const claims = verified.get(token) ?? verify(token);
      return claims !== undefined && claims.aud === hostname && claims.exp * 1000 > now() ? claims.sid : undefined;
    },
  };

  function verify(token: string): Claims | undefined {
    if (token.length > longestToken || !token.startsWith(`${head}.`)) return undefined;
    const end = token.length - signatureLength - 1;
    if (token[end] !== '.') return undefined;
    const input = token.slice(0, end);
    const given = Buffer.from(token.slice(end + 1));
    // As texts: of several spellings of one signature in base64 only the canonical one counts.
    if (!keys.some((each) => isEqual(given, Buffer.from(signatureOf(input, each))))) return undefined;
    // The signature proves that the text is ours, shape included.
    const claims = JSON.parse(Buffer.from(input.slice(head.length + 1), 'base64url').toString('utf8')) as Claims;
    verified.set(token, claims);
    return claims;
  }
}

function deriveKey(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'postern session token v1', 32));
}

function signatureOf(input: string, key: Buffer): string {
  return createHmac('sha256', key).update(input).digest('base64url');
}

function isEqual(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
