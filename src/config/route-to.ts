import type { ErrorCode } from './problem-codes.ts';
import { refusePathText } from './path-text.ts';
import { quoteValue } from './quote-value.ts';
import { either, parseWebAddress } from './read-value.ts';

export type RouteTo = UpstreamText | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export interface UpstreamText {
  readonly ok: true;
  /** Without the path, except that of a socket. */
  readonly url: URL;
  /** Undefined when none was written. */
  readonly weight: number | undefined;
  /** As written: empty, `/`, or more. Always empty for a socket. */
  readonly path: string;
}

const unsupportedSchemes = ['https+unix', 'tcp', 'udp', 'ssh'];
// Pomerium keeps it in 32 bits.
const greatestWeight = 2 ** 32 - 1;

/**
 * Reads one upstream: `http://`, `https://` or `h2c://` (HTTP/2 without TLS) with host and port, or `unix:///path` of a socket, with `,weight` behind it. It ends at
 * the first comma, as it does in Pomerium.
 */
export function parseTo(text: string): RouteTo {
  const quoted = quoteValue(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (unsupportedSchemes.includes(scheme)) return refuse(`${quoted}: ${scheme}:// is not supported yet`, 'not-supported-yet');
  if (!['http', 'https', 'h2c', 'unix'].includes(scheme))
    return refuse(`${quoted} must begin with ${either(['http://', 'https://', 'h2c://', 'unix:///'])}`);
  // Not quoted: where a password begins and ends in a URL that is wrong anyway, nobody can say.
  if (scheme !== 'unix' && text.includes('@'))
    return refuse('must not hold a user name or password: write set_request_headers with Authorization');
  const [address = '', ...rest] = text.split(',');
  const weight = rest.length === 0 ? undefined : parseWeight(rest.join(','));
  if (Number.isNaN(weight))
    return refuse(`${quoted}: what follows the comma must be a weight, a whole number from 1; write several upstreams as a list`);
  return scheme === 'unix' ? parseUnix(address, weight, quoted) : parseWeb(address, weight, quoted);
}

/** NaN for whatever is no weight. */
function parseWeight(text: string): number {
  const weight = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return weight >= 1 && weight <= greatestWeight ? weight : Number.NaN;
}

function parseWeb(text: string, weight: number | undefined, quoted: string): RouteTo {
  if (/[?#]/.test(text)) return refuse(`${quoted} must not hold a query or fragment`);
  // To the URL parser of the platform `h2c` is a scheme like any other, whose host it leaves as it is written.
  const address = parseWebAddress(text.replace(/^h2c:/i, 'http:'));
  if (address === undefined) return refuse(`${quoted} holds no valid host: write http://host:port`);
  const refusal = address.path === '' ? undefined : refusePathText(address.path);
  if (refusal !== undefined) return refuse(`${quoted}: the path ${refusal}`);
  const url = /^h2c:/i.test(text) ? new URL(`h2c://${address.url.host}/`) : new URL('/', address.url);
  return { ok: true, url, weight, path: address.path };
}

function parseUnix(text: string, weight: number | undefined, quoted: string): RouteTo {
  const path = text.slice('unix://'.length);
  if (!path.startsWith('/') || path === '/' || /[?#%\\\s]/.test(path) || path.includes('\0')) {
    return refuse(`${quoted} holds no path of a socket: write unix:///path/to/socket`);
  }
  return { ok: true, url: new URL(text), weight, path: '' };
}

function refuse(message: string, code: ErrorCode = 'invalid-value'): RouteTo {
  return { ok: false, code, message };
}
