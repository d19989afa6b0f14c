import { isIPv4, isIPv6 } from 'node:net';
import { ownCopy } from './own-copy.ts';

declare const hostnameBrand: unique symbol;

/** A host name in its one canonical form: lower case, no trailing dot, no port; IPv6 literals in brackets, compressed. */
export type Hostname = string & { readonly [hostnameBrand]: true };

/** The `Host` or `:authority` of a request. `port` is undefined when none was written. */
export interface Authority {
  readonly hostname: Hostname;
  readonly port: number | undefined;
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
// By the URL standard an address, or nothing: no name of the DNS ends like that (RFC 3696 section 2).
const endsInNumber = /(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)$/;
const ascii = /^[\x21-\x7e]*$/;
const digits = /^[0-9]{1,5}$/;

/**
 * The canonical form of a host name without a port, or undefined when it is malformed. Route, TLS group, policy and log all
 * compare this form, so that two spellings of one name can never be treated differently.
 */
export function parseHostname(text: string): Hostname | undefined {
  // Before lower case is made: the Kelvin sign U+212A becomes a plain `k` there, and another name would pass for this one.
  if (!ascii.test(text)) return undefined;
  if (text.startsWith('[')) return parseIpv6Literal(text);
  const lower = text.toLowerCase();
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (name.length === 0 || name.length > 253) return undefined;
  if (isIPv4(name)) return mintHostname(name);
  // A browser sent to `0x7f.1` or `127.1` goes to 127.0.0.1: two hosts in one text, so it is none.
  if (endsInNumber.test(name)) return undefined;
  return name.split('.').every((part) => label.test(part)) ? mintHostname(name) : undefined;
}

/** Splits `host[:port]`; undefined for anything else, user information, spaces, lists and empty ports included (RFC 9110 section 7.2). */
export function parseAuthority(text: string): Authority | undefined {
  const before = known.get(text);
  if (before !== undefined) return before;
  return readAuthority(text) === undefined ? undefined : remember(ownCopy(text));
}

// A proxy has few names, and reads one with every request. Clients choose what they write, so only some are remembered; none is longer than
// a name and a port.
const known = new Map<string, Authority | undefined>();
const mostKnown = 1_000;

function remember(text: string): Authority | undefined {
  if (known.size >= mostKnown) known.clear();
  const authority = readAuthority(text);
  known.set(text, Object.freeze(authority));
  return authority;
}

function readAuthority(text: string): Authority | undefined {
  const colon = text.lastIndexOf(':');
  const hasPort = colon !== -1 && !text.endsWith(']');
  const hostname = parseHostname(hasPort ? text.slice(0, colon) : text);
  if (hostname === undefined) return undefined;
  if (!hasPort) return { hostname, port: undefined };
  const port = text.slice(colon + 1);
  const number = Number(port);
  if (!digits.test(port) || number < 1 || number > 65_535) return undefined;
  return { hostname, port: number };
}

function parseIpv6Literal(text: string): Hostname | undefined {
  if (!text.endsWith(']')) return undefined;
  const address = text.slice(1, -1);
  // A zone ("%eth0") is of this machine only and has no place in a request.
  if (address.includes('%') || !isIPv6(address)) return undefined;
  return mintHostname(new URL(`http://[${address}]/`).hostname);
}

function mintHostname(canonical: string): Hostname {
  return canonical as Hostname;
}
