import { quoteValue } from './quote-value.ts';
import { either, parseWebAddress } from './read-value.ts';

export type RouteTo = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly message: string };

const unsupportedSchemes = ['https+unix', 'h2c', 'tcp', 'udp', 'ssh'];

/**
 * Reads one upstream: `http://`, `https://` with host and port, or `unix:///path` of a socket. `rewritesPrefix` tells
 * whether even a lone slash at the end would mean something: in Pomerium it replaces the matched prefix.
 */
export function parseTo(text: string, { rewritesPrefix }: { readonly rewritesPrefix: boolean }): RouteTo {
  const quoted = quoteValue(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (unsupportedSchemes.includes(scheme)) return refuse(`${quoted}: ${scheme}:// is not supported yet`);
  if (!['http', 'https', 'unix'].includes(scheme))
    return refuse(`${quoted} must begin with ${either(['http://', 'https://', 'unix:///'])}`);
  if (/,\d*\s*$/.test(text)) return refuse(`${quoted}: weights are not supported yet`);
  if (scheme === 'unix') return parseUnix(text, quoted);
  // Not quoted: where a password begins and ends in a URL that is wrong anyway, nobody can say.
  if (text.includes('@')) return refuse('must not hold a user name or password: write set_request_headers with Authorization');
  if (/[?#]/.test(text)) return refuse(`${quoted} must not hold a query or fragment`);
  const address = parseWebAddress(text);
  if (address === undefined) return refuse(`${quoted} holds no valid host: write http://host:port`);
  const hasPath = address.path !== '' && (address.path !== '/' || rewritesPrefix);
  return hasPath
    ? refuse(`${quoted}: a path in to rewrites the path of requests, which is not supported yet`)
    : { ok: true, url: address.url };
}

function parseUnix(text: string, quoted: string): RouteTo {
  const path = text.slice('unix://'.length);
  if (!path.startsWith('/') || path === '/' || /[?#%\\\s]/.test(path) || path.includes('\0')) {
    return refuse(`${quoted} holds no path of a socket: write unix:///path/to/socket`);
  }
  return { ok: true, url: new URL(text) };
}

function refuse(message: string): RouteTo {
  return { ok: false, message };
}
