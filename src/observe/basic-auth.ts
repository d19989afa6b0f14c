import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header holds these credentials (`user:password`, RFC 7617). Hashes are compared, in constant time: how
 * much of a guess was right, or how long, can't be read from the clock.
 */
export function hasCredentials(authorization: string | undefined, credentials: string): boolean {
  const [, token] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digest(Buffer.from(token ?? '', 'base64')), digest(Buffer.from(credentials))) && token !== undefined;
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
