import { isFieldName, normalisedName } from '../http/header-list.ts';
import { readHeaderMap } from './header-map.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';

/** Headers that are set on answers, in the order in which they were written. */
export type ResponseHeaders = readonly (readonly [name: string, value: string])[];

/**
 * What every answer gets where its route does not say otherwise: the global `set_response_headers`, which replaces the defaults as a
 * whole, or the defaults. To be called once for a configuration, because it tells the problems of the key.
 */
export function readResponseHeaders(reading: Reading, raw: RawSettings): ResponseHeaders {
  const { set_response_headers: written } = raw;
  if (written === undefined) return defaultsOf(raw);
  const names = Object.keys(written);
  if (!names.includes(switchOff)) return readResponseHeaderMap(reading, written, [key]);
  if (names.length > 1)
    reading.warning([key, switchOff], `${key}.${switchOff} leaves out the other entries of the map as well`, 'no-effect');
  return [];
}

/** The entries of one map of response headers that may be set; a problem is told of each other one. */
export function readResponseHeaderMap(reading: Reading, written: Readonly<Record<string, string>>, path: SettingPath): ResponseHeaders {
  return readHeaderMap(reading, written, { path, refuseName: refuseResponseHeader, writeEntry: writePath });
}

const key = 'set_response_headers';
// Pomerium's word for "none at all", which is why no header can have this name.
const switchOff = 'disable';

/** Strict transport only where this process has a certificate: otherwise it would speak for a host that it does not secure. */
function defaultsOf(raw: RawSettings): ResponseHeaders {
  const hasCertificate = (raw.certificates ?? []).length > 0 || raw.certificate !== undefined || raw.certificate_file !== undefined;
  return hasCertificate ? [...defaults, strictTransport] : defaults;
}

const defaults: ResponseHeaders = [
  ['X-Frame-Options', 'SAMEORIGIN'],
  ['X-XSS-Protection', '1; mode=block'],
];
const strictTransport: ResponseHeaders[number] = ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains; preload'];

/** Why a configuration may not set or rewrite this header of an answer, or undefined when it may. */
export function refuseResponseHeader(name: string): string | undefined {
  const quoted = quoteValue(name);
  const normal = normalisedName(name);
  if (!isFieldName(name)) return 'this is no header name';
  // A second length or coding is how answers get split (RFC 9112 section 11.1).
  if (connectionHeaders.has(normal)) return `${quoted} belongs to the connection, and only Postern writes it`;
  if (normal === 'x-request-id') return `${quoted} is the reference of the request, and only Postern writes it`;
  if (normal.startsWith('set-cookie')) return `${quoted} could replace the session, and only Postern and upstreams write it`;
  return normal.startsWith('x-pomerium-') ? `${quoted} speaks of the identity, and only Postern writes it` : undefined;
}

const connectionHeaders = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
