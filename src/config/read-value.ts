import { parseAuthority } from '../http/hostname.ts';
import type { Hostname } from '../http/hostname.ts';
import { parseDuration } from './duration.ts';
import { nearestWord } from './nearest-word.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';
import type { SocketAddress } from './settings.ts';
import { parseSocketAddress } from './socket-address.ts';

/** One of some words in any spelling of `findChoice`; undefined, and a problem told, for any other. */
export function readChoice<Word extends string>(
  reading: Reading,
  path: SettingPath,
  { text, words }: { readonly text: string; readonly words: readonly Word[] },
): Word | undefined {
  const word = findChoice(path, { text, words });
  if (word === undefined) {
    const meant = nearestWord(text, words);
    const hint = meant === undefined ? '' : `, did you mean "${meant}"?`;
    reading.error(path, `${writePath(path)} ${quoteValue(text)} is not known: write ${either(words)}${hint}`);
  }
  return word;
}

/** The word that is meant, whatever its case, alone or behind the name of its key as in Pomerium's interfaces: `JWT_ISSUER_FORMAT_URI`. */
export function findChoice<Word extends string>(
  path: SettingPath,
  { text, words }: { readonly text: string; readonly words: readonly Word[] },
): Word | undefined {
  const exact = words.find((word) => word === text);
  if (exact !== undefined) return exact;
  const lower = text.toLowerCase();
  const prefix = `${String(path.at(-1))}_`.toLowerCase();
  const short = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
  return words.find((word) => word.toLowerCase() === short);
}

/** Milliseconds of a duration. */
export function readDuration(reading: Reading, path: SettingPath, text: string): number | undefined {
  const ms = parseDuration(text);
  if (ms === undefined)
    reading.error(path, `${writePath(path)} ${quoteValue(text)} is no duration: write something like 30s, 10m or 1h30m`);
  return ms;
}

export function readSocketAddress(reading: Reading, path: SettingPath, text: string): SocketAddress | undefined {
  const address = parseSocketAddress(text);
  if (address === undefined) {
    reading.error(
      path,
      `${writePath(path)} ${quoteValue(text)} is no address: write host:port with an IP address, like :443 or 127.0.0.1:9090`,
    );
  }
  return address;
}

export interface WebAddress {
  readonly url: URL;
  readonly hostname: Hostname;
  readonly scheme: 'http' | 'https';
  /** As written: empty, `/`, or more. */
  readonly path: string;
}

const webAddress = /^(https?):\/\/([^/?#@\\\s]+)(\/[^?#\\\s]*)?$/i;

/** Reads `http(s)://host[:port][/path]`. Stricter than `URL`, which repairs what an operator should see; undefined for anything else. */
export function parseWebAddress(text: string): WebAddress | undefined {
  const [, scheme = '', authority = '', path = ''] = webAddress.exec(text) ?? [];
  const parsed = parseAuthority(authority);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || url === undefined) return undefined;
  // `0x7f.1` is a name to one reader and 127.0.0.1 to the other: what two readers disagree about is refused.
  if (url.hostname.replace(/\.$/, '') !== parsed.hostname) return undefined;
  return { url, hostname: parsed.hostname, scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', path };
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
