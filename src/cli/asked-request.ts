import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { HeaderList } from '../http/header-list.ts';
import type { Person } from '../identity/person.ts';

/** One request as somebody describes it, at a terminal or in a test. */
export interface AskedRequest {
  /** `http`: to a listener without TLS. */
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** As written: canonicalisation is the listener's, not that of whoever asks. */
  readonly rawAuthority: string;
  readonly rawTarget: string;
  readonly headers: HeaderList;
  readonly person: Person | undefined;
  /** Leaf first; empty: none was presented. */
  readonly certificates: readonly X509Certificate[];
  readonly sourceIp: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined: none is sent. */
  readonly sni: string | undefined;
}

/** Bytes as Node's parsers hand them on: one character for each, whatever they mean together. */
export function onTheWire(typed: string): string {
  return Buffer.from(typed, 'utf8').toString('latin1');
}

export interface AskedUrl {
  readonly scheme: AskedRequest['scheme'];
  readonly rawAuthority: string;
  readonly rawTarget: string;
}

/**
 * Authority and target of a URL, or what is wrong with it. Not through `new URL()`: it would resolve, decode and lower what
 * the proxy itself has to be seen doing.
 */
export function splitAskedUrl(url: string): AskedUrl | string {
  const scheme = /^https?:\/\//i.exec(url);
  if (scheme === null) return 'write the whole URL, https://host/path';
  const rest = url.slice(scheme[0].length);
  const end = rest.search(/[/?#\\]/);
  const rawAuthority = end === -1 ? rest : rest.slice(0, end);
  const target = end === -1 ? '' : rest.slice(end);
  const isPlain = scheme[0].toLowerCase() === 'http://';
  return { scheme: isPlain ? 'http' : 'https', rawAuthority, rawTarget: target === '' || target.startsWith('?') ? `/${target}` : target };
}

/** The name that a client sends in the handshake where nobody says otherwise; an address is no host name to TLS (RFC 6066 section 3). */
export function sniOf(rawAuthority: string): string | undefined {
  const host = rawAuthority.replace(/:\d*$/, '');
  return isIP(host.replace(/^\[|\]$/g, '')) === 0 && host !== '' ? host : undefined;
}

/** An IP address, IPv4-mapped ones as IPv4; undefined for anything else. */
export function parseSourceIp(ip: string): string | undefined {
  if (isIP(ip) === 0) return undefined;
  // The compressed form of an IPv4-mapped address, however it was written: ::ffff:7f00:1.
  const mapped =
    isIP(ip) === 6 && !ip.includes('%') ? /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${ip}]`).hostname) : null;
  if (mapped === null) return ip;
  const [high, low] = mapped.slice(1).map((group) => Number.parseInt(group, 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 255]).join('.');
}

/** Milliseconds since 1970 of an ISO 8601 time; one without an offset is UTC, as everywhere in Postern. Undefined for anything else. */
export function parseAskedTime(at: string): number | undefined {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at.includes('T') ? at : `${at}T00:00`}Z`;
  const time = Date.parse(zoned);
  const day = /^\d{4}-\d\d-\d\d/.exec(at)?.[0];
  // The thirtieth of February is the second of March to `Date.parse`.
  const isDay = day !== undefined && new Date(Date.parse(day) || 0).toISOString().startsWith(day);
  return !isDay || Number.isNaN(time) ? undefined : time;
}
