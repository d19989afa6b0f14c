import { parseHostname } from '../http/hostname.ts';
import type { RedirectPathSettings, RedirectSettings } from './action-settings.ts';
import { redirectSchemes, redirectStatuses } from './choices.ts';
import { readPathText } from './path-text.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRedirect } from './raw-settings.ts';
import { either, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';

/** Where a route sends whoever may pass. One that would lead back to the URL that was asked for is refused: browsers would go round in circles. */
export function readRedirect(reading: Reading, raw: RawRedirect, path: SettingPath): RedirectSettings {
  const changes = changingKeys.filter((key) => (raw[key] ?? false) !== false || reading.isRefused([...path, key]));
  if (changes.length === 0)
    reading.error(path, `${writePath(path)} leads back to where the request came from: write ${either(changingKeys)}`, {
      code: 'missing-key',
    });
  return {
    scheme: readScheme(reading, raw, path),
    host: readHost(reading, raw, path),
    port: readPort(reading, raw, path),
    path: readPath(reading, raw, path),
    status: readStatus(reading, raw, path),
    stripQuery: raw.strip_query,
  };
}

const changingKeys = ['https_redirect', 'scheme_redirect', 'host_redirect', 'port_redirect', 'path_redirect', 'prefix_rewrite'] as const;

function readScheme(reading: Reading, raw: RawRedirect, path: SettingPath): RedirectSettings['scheme'] {
  const place = [...path, 'scheme_redirect'];
  const { scheme_redirect: text } = raw;
  const scheme = text === undefined ? undefined : readChoice(reading, place, { text, words: redirectSchemes });
  if (!raw.https_redirect) return scheme;
  if (text !== undefined) tellBoth(reading, place, [...path, 'https_redirect']);
  return 'https';
}

function readHost(reading: Reading, { host_redirect: text }: RawRedirect, path: SettingPath): string | undefined {
  if (text === undefined) return undefined;
  const host = parseHostname(text);
  if (host !== undefined) return host;
  const place = [...path, 'host_redirect'];
  reading.error(place, `${writePath(place)} ${quoteValue(text)} is no host name: write only the name, and the port as port_redirect`);
  return undefined;
}

function readPort(reading: Reading, { port_redirect: port }: RawRedirect, path: SettingPath): number | undefined {
  if (port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return port;
  const place = [...path, 'port_redirect'];
  reading.error(place, `${writePath(place)} ${port} is no port: write a whole number from 1 to 65535`);
  return undefined;
}

function readPath(reading: Reading, raw: RawRedirect, path: SettingPath): RedirectPathSettings | undefined {
  const wholePlace = [...path, 'path_redirect'];
  const prefixPlace = [...path, 'prefix_rewrite'];
  if (raw.path_redirect !== undefined && raw.prefix_rewrite !== undefined) tellBoth(reading, prefixPlace, wholePlace);
  const whole = raw.path_redirect === undefined ? undefined : readPathText(reading, wholePlace, raw.path_redirect, { query: true });
  const replacement = raw.prefix_rewrite === undefined ? undefined : readPathText(reading, prefixPlace, raw.prefix_rewrite);
  if (whole !== undefined) return { kind: 'whole', path: whole };
  return replacement === undefined ? undefined : { kind: 'prefix', replacement };
}

function readStatus(reading: Reading, { response_code: code }: RawRedirect, path: SettingPath): RedirectSettings['status'] {
  const status = redirectStatuses.find((known) => known === code);
  if (status !== undefined) return status;
  const place = [...path, 'response_code'];
  reading.error(place, `${writePath(place)} ${code} is no redirect: write ${either(redirectStatuses.map(String))}`);
  return 301;
}

function tellBoth(reading: Reading, place: SettingPath, other: SettingPath): void {
  reading.error(place, `${writePath(place)} and ${String(other.at(-1))} are both set: keep one of them`, { code: 'conflicting-keys' });
}
