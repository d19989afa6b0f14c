import { isIP, isIPv6 } from 'node:net';
import type { HostPattern } from '../http/host-table.ts';
import { isWildcard, matchesHostPattern, parseHostPattern } from '../http/host-table.ts';
import type { Hostname } from '../http/hostname.ts';
import { parseHostname } from '../http/hostname.ts';
import { isLinkLocal } from './address-range.ts';

/** An address of a certificate that may be asked. */
export interface AllowedSource {
  /** As the certificate writes it. */
  readonly named: string;
  readonly url: URL;
  /** For the log and `/status`: without a query, which may hold what is nobody's business. */
  readonly shown: string;
  /** Whether a wildcard covers its host: whoever owns a name below it chooses the address, so it has to be a public one. */
  readonly onlyPublic: boolean;
}

export type SourceCheck = { readonly ok: true; readonly source: AllowedSource } | { readonly ok: false; readonly explanation: string };

/** Hosts that may be asked; names in any case, `*.x`, and IP literals with or without brackets. One that is malformed allows nothing. */
export type AllowedHosts = readonly HostPattern[];

export function readAllowedHosts(hosts: readonly string[]): AllowedHosts {
  return hosts.map((host) => parseHostPattern(isIPv6(host) ? `[${host}]` : host)).filter((host) => host !== undefined);
}

/**
 * Whether what a certificate names may be asked. Certificates are written by authorities, and an authority must not choose what this
 * machine connects to (SSRF): only HTTP, only to hosts of the configuration.
 */
export function checkSource(named: string, hosts: AllowedHosts): SourceCheck {
  // RFC 5280 section 4.2.1.6 allows ASCII only. `URL` would drop line breaks and tabs, and fold other letters into plain ones.
  if (named.length > longestUrl || !/^[\x21-\x7e]+$/.test(named) || !URL.canParse(named)) return refuse('it is no URL');
  const url = new URL(named);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('it is neither http:// nor https://');
  if (url.username !== '' || url.password !== '') return refuse('it holds user information');
  const host = parseHostname(url.hostname);
  if (host === undefined) return refuse('its host name is malformed');
  const exact = hosts.some((pattern) => !isWildcard(pattern) && matchesHostPattern(pattern, host));
  const covered = exact || (!isAddress(host) && hosts.some((pattern) => isWildcard(pattern) && matchesHostPattern(pattern, host)));
  if (!covered) return refuse('its host is not among `allowed_hosts`');
  // No name is looked up for an address, so here is the only look at it.
  if (isAddress(host) && isLinkLocal(host.replace(/^\[|\]$/g, ''))) return refuse('its address is link-local');
  return { ok: true, source: { named, url, shown: `${url.origin}${url.pathname}`, onlyPublic: !exact } };
}

const longestUrl = 2048;

function refuse(explanation: string): SourceCheck {
  return { ok: false, explanation };
}

/** A wildcard is for names: an address is in no domain. */
function isAddress(host: Hostname): boolean {
  return isIP(host) !== 0 || host.startsWith('[');
}
