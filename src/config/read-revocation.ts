import { isIPv6 } from 'node:net';
import { parseHostname } from '../http/hostname.ts';
import { revocationChecks, revocationModes, revocationSources } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRevocation } from './raw-certificate-settings.ts';
import { either, readChoice, readDuration } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { RevocationSettings } from './revocation-settings.ts';
import { usualRevocation } from './revocation-settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';

/** A map `revocation`; what it leaves out is as `usualRevocation` has it, also where another map above says otherwise. */
export function readRevocation(reading: Reading, path: SettingPath, raw: RawRevocation): RevocationSettings {
  const word = <Word extends string>(key: string, text: string, words: readonly Word[]): Word | undefined =>
    readChoice(reading, [...path, key], { text, words });
  const read: RevocationSettings = {
    mode: word('mode', raw.mode, revocationModes) ?? usualRevocation.mode,
    sources: readSources(reading, [...path, 'sources'], raw.sources),
    check: word('check', raw.check, revocationChecks) ?? usualRevocation.check,
    staleGraceMs: readStale(reading, [...path, 'stale'], raw.stale),
    timeoutMs: readTimeout(reading, [...path, 'timeout'], raw.timeout),
    cacheTtlMs: readPositive(reading, [...path, 'cache_ttl'], raw.cache_ttl) ?? usualRevocation.cacheTtlMs,
    allowedHosts: readHosts(reading, [...path, 'allowed_hosts'], raw.allowed_hosts),
  };
  tellHosts(reading, raw, path, read);
  return read;
}

function readSources(reading: Reading, path: SettingPath, written: readonly string[]): RevocationSettings['sources'] {
  if (written.length === 0)
    reading.error(path, `${writePath(path)} is empty: write ${either(revocationSources)}, or mode: skip to look nothing up`);
  const read = written.flatMap((text, index) => readChoice(reading, [...path, index], { text, words: revocationSources }) ?? []);
  for (const [index, source] of read.entries()) {
    if (read.indexOf(source) === index) continue;
    reading.error([...path, index], `${writePath([...path, index])} names ${source} a second time: keep one of them`, {
      code: 'conflicting-keys',
    });
  }
  return read;
}

function readStale(reading: Reading, path: SettingPath, written: RawRevocation['stale']): number {
  if (typeof written === 'string') {
    if (written.toLowerCase() !== 'fail')
      reading.error(path, `${writePath(path)} ${quoteValue(written)} is not known: write fail, or {grace: 24h}`);
    return 0;
  }
  const place = [...path, 'grace'];
  if (written.grace !== undefined) return readPositive(reading, place, written.grace) ?? 0;
  if (!reading.isRefused(place)) reading.error(path, `${writePath(place)} is missing: write a duration like 24h`, { code: 'missing-key' });
  return 0;
}

const longestTimeoutMs = 60_000;

/** A request waits for it, so it has to end. */
function readTimeout(reading: Reading, path: SettingPath, text: string): number {
  const ms = readPositive(reading, path, text);
  if (ms !== undefined && ms <= longestTimeoutMs) return ms;
  if (ms !== undefined)
    reading.error(path, `${writePath(path)} ${quoteValue(text)} is too long, because requests wait for it: write up to 1m`);
  return usualRevocation.timeoutMs;
}

function readPositive(reading: Reading, path: SettingPath, text: string): number | undefined {
  const ms = readDuration(reading, path, text);
  if (ms !== 0) return ms;
  reading.error(path, `${writePath(path)} ${quoteValue(text)} must be longer than nothing: write something like 30s, 10m or 1h30m`);
  return undefined;
}

function readHosts(reading: Reading, path: SettingPath, written: readonly string[]): readonly string[] {
  return written.flatMap((text, index) => {
    const place = [...path, index];
    const host = parseAllowedHost(text);
    if (host === undefined)
      reading.error(
        place,
        `${writePath(place)} ${quoteValue(text)} is no host: write a name, *.domain or an IP address, without scheme, port or path`,
      );
    return host ?? [];
  });
}

/** As the host of a URL is written: lower case, IPv6 in brackets. */
function parseAllowedHost(text: string): string | undefined {
  if (isIPv6(text)) return parseHostname(`[${text}]`);
  if (!text.startsWith('*.')) return parseHostname(text);
  const domain = parseHostname(text.slice(2));
  // Behind an asterisk an address would be a network, which nobody reads it as.
  return domain === undefined || /^[\d.]+$|^\[/.test(domain) ? undefined : `*.${domain}`;
}

/** The addresses stand in certificates, so whoever presents one would choose what is fetched from inside the network. */
function tellHosts(reading: Reading, raw: RawRevocation, path: SettingPath, { mode, sources, allowedHosts }: RevocationSettings): void {
  const place = [...path, 'allowed_hosts'];
  const network = sources.find((source) => source !== 'crl_file');
  if (network === undefined || mode === 'skip') {
    if (allowedHosts.length > 0) tellNoEffect(reading, place, mode === 'skip' ? 'beside mode: skip' : 'without a source on the network');
    return;
  }
  if (raw.allowed_hosts.length > 0 || reading.isRefused(place)) return;
  const message = `${writePath(place)} is missing: the source ${network} is asked at the address that the certificate names, so write the hosts that may be asked`;
  reading.error([...path, 'sources'], message, { code: 'missing-key' });
}
