import { isFieldName } from '../http/header-list.ts';
import { parseHostname } from '../http/hostname.ts';
import { sameSites } from './choices.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import { readChoice, readDuration } from './read-value.ts';
import { readSecrets } from './read-secrets.ts';
import type { Reading } from './reading.ts';
import type { CookieSettings } from './settings.ts';

/** The session cookie and its siblings. */
export function readCookieSettings(reading: Reading, raw: RawSettings): CookieSettings {
  const { cookie_same_site: sameSite } = raw;
  return {
    name: readName(reading, raw),
    secrets: readSecrets(reading, { path: ['cookie_secret'], inline: raw.cookie_secret, file: raw.cookie_secret_file }),
    domain: readDomain(reading, raw.cookie_domain),
    httpOnly: raw.cookie_http_only,
    sameSite: sameSite === undefined ? undefined : readChoice(reading, ['cookie_same_site'], { text: sameSite, words: sameSites }),
    expireMs: readExpire(reading, raw.cookie_expire),
  };
}

function readName(reading: Reading, { cookie_name: name, cookie_domain: domain }: RawSettings): string {
  const path = ['cookie_name'];
  if (!isFieldName(name)) reading.error(path, `cookie_name ${quoteValue(name)} is no cookie name: use letters, digits, - and _`);
  // A browser throws a __Host- cookie with a domain away, without a word to anybody (RFC 6265bis section 4.1.3.2).
  if (/^__host-/i.test(name) && domain !== undefined)
    reading.error(path, `cookie_name ${quoteValue(name)} can't be used with cookie_domain`);
  return name;
}

function readDomain(reading: Reading, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const domain = parseHostname(text.startsWith('.') ? text.slice(1) : text);
  if (domain === undefined || !domain.includes('.')) {
    reading.error(['cookie_domain'], `cookie_domain ${quoteValue(text)} is no domain: write something like corp.example`);
    return undefined;
  }
  return domain;
}

function readExpire(reading: Reading, text: string): number {
  const ms = readDuration(reading, ['cookie_expire'], text);
  if (ms === 0) reading.error(['cookie_expire'], 'cookie_expire must be longer than nothing: write something like 14h');
  return ms ?? 0;
}
