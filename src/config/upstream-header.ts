import { isFieldName, normalisedName } from '../http/header-list.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';

/**
 * The path of a header as messages write it. What stands where a name should be and is none may be a value that lost its
 * colon, and so a secret: it is left out.
 */
export function writeHeaderPath(path: SettingPath): string {
  const nameAt = path.indexOf('set_request_headers') + 1;
  const name = nameAt === 0 ? undefined : path[nameAt];
  return writePath(typeof name === 'string' && !isFieldName(name) ? path.slice(0, nameAt) : path);
}

/**
 * Why a configuration may not set or remove this request header, or undefined when it may. What frames a message or
 * belongs to one connection is the proxy's: a second `Content-Length` is how requests get smuggled (RFC 9112 section 11.2).
 */
export function refuseHeaderName(name: string): string | undefined {
  const quoted = quoteValue(name);
  const normal = normalisedName(name);
  if (!isFieldName(name)) return 'this is no header name';
  if (normal === 'host')
    return `${quoted} can't be written here: write host_rewrite, or preserve_host_header to keep the Host of the client`;
  if (connectionHeaders.has(normal)) return `${quoted} belongs to the connection, and only Postern writes it`;
  // A policy that was passed without an identity must not be followed by a header that claims one.
  if (normal.startsWith('x-pomerium-')) return `${quoted} speaks of the identity, and only Postern writes it`;
  return undefined;
}

const connectionHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
