import { parseHostPattern } from '../http/host-table.ts';
import type { HostPattern } from '../http/host-table.ts';
import type { ErrorCode } from './problem-codes.ts';
import { quoteValue } from './quote-value.ts';

export type RouteFrom =
  | { readonly ok: true; readonly host: HostPattern; readonly port: number | undefined }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const form = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i;
// oxlint-disable-next-line no-control-regex -- all of ASCII, controls included
const nonAscii = /[^\x00-\x7f]/;
const unsupportedSchemes = ['tcp+https', 'udp+https', 'ssh'];

/**
 * Reads `https://host[:port]` with `*` allowed in the host. A lone slash at the end is tolerated, any other path refused,
 * because it would look as if only that path were routed. Port 443 is the same as none.
 */
export function parseFrom(text: string): RouteFrom {
  const quoted = quoteValue(text);
  const [, scheme = '', rest = ''] = form.exec(text) ?? [];
  const lower = scheme.toLowerCase();
  if (unsupportedSchemes.includes(lower)) return refuse(`${quoted}: ${lower}:// is not supported yet`, 'not-supported-yet');
  // Pomerium only warns of it, and the route works on none of its listeners.
  if (lower === 'http')
    return refuse(
      `${quoted} must begin with https://, also where something in front ends TLS: insecure_server lets Postern listen without it`,
    );
  if (lower !== 'https') return refuse(`${quoted} must begin with https://`);
  const authority = rest.endsWith('/') ? rest.slice(0, -1) : rest;
  if (authority.includes('@')) return refuse(`${quoted} must not hold a user name`);
  if (/[?#]/.test(authority)) return refuse(`${quoted} must not hold a query or fragment`);
  if (authority.includes('/')) return refuse(`${quoted} must not hold a path: write it as prefix, path or regex of the route`);
  if (nonAscii.test(authority)) return refuse(`${quoted} holds letters outside ASCII: write the host in its xn-- form`);
  const split = splitPort(authority);
  const host = split === undefined ? undefined : parseHostPattern(split.host);
  if (split === undefined || host === undefined) return refuse(`${quoted} holds no valid host: write https://host or https://*.domain`);
  return { ok: true, host, port: split.port === 443 ? undefined : split.port };
}

function splitPort(authority: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const colon = authority.lastIndexOf(':');
  if (colon === -1 || authority.endsWith(']')) return { host: authority, port: undefined };
  const digits = authority.slice(colon + 1);
  const port = Number(digits);
  if (!/^[0-9]{1,5}$/.test(digits) || port < 1 || port > 65_535) return undefined;
  return { host: authority.slice(0, colon), port };
}

function refuse(message: string, code: ErrorCode = 'invalid-value'): RouteFrom {
  return { ok: false, code, message };
}
