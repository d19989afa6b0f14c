import type { HeaderList } from '../http/header-list.ts';
import { isFieldName, isFieldValue } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import type { HeaderUnderscores } from '../http/inbound-rules.ts';
import type { ListenerReason, RefusalStatus } from './listener-refusal.ts';

export interface HeaderFault {
  readonly reason: ListenerReason;
  readonly status: RefusalStatus;
}

/** What the framing fields said; everything else only had to be sound. */
export interface InspectedHeaders {
  /** The fields of this set that were present, by lower-case name. */
  readonly singles: ReadonlyMap<string, string>;
  readonly connection: string;
  /** Without what the rules drop. */
  readonly headers: HeaderList;
}

/**
 * Fields that have one meaning only when they are sent once: a proxy that reads the first and an upstream that reads the last see two
 * requests. `cookie` may repeat: HTTP/2 splits it (RFC 9113 section 8.2.3).
 */
const singleFields: ReadonlySet<string> = new Set([
  'access-control-request-method',
  'authorization',
  'content-length',
  'content-type',
  'expect',
  'host',
  'max-forwards',
  'origin',
  'proxy-authorization',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-websocket-key',
  'sec-websocket-version',
  'te',
  'transfer-encoding',
  'upgrade',
  'x-pomerium-authorization',
]);

/** They are about one HTTP/1.1 connection and make an HTTP/2 request malformed (RFC 9113 section 8.2.2). */
const connectionFields: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const maxFields = 1_000;
const maxBytes = 128 * 1024;

/** One walk over the list: sizes, names, values, duplicates, then the framing. */
export function inspectHeaders(
  headers: HeaderList,
  protocol: Inbound['protocol'],
  underscores: HeaderUnderscores,
): InspectedHeaders | HeaderFault {
  const singles = new Map<string, string>();
  let aliases: Set<string> | undefined;
  const connections: string[] = [];
  let dropsAny = false;
  let bytes = 0;
  // `Host`, or `:authority`, was taken out of the list, and is a field like any other.
  if (headers.length / 2 + 1 > maxFields) return tooLarge;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    bytes += name.length + value.length;
    // Names and values were written by HTTP/2 clients as well, and go out as HTTP/1.1: a line break here is a second request there.
    if (!isFieldName(name) || !isFieldValue(value)) return invalid;
    const isAlias = name.includes('_');
    if (isAlias && underscores === 'reject_request') return underscore;
    if (isAlias && underscores === 'drop_header') {
      dropsAny = true;
      continue;
    }
    const lower = name.toLowerCase();
    if (protocol === 'h2' && connectionFields.has(lower)) return invalid;
    if (lower === 'connection') connections.push(value);
    // Programs that see `_` and `-` alike (CGI, WSGI) would see two of what means something only once.
    const single = isAlias ? lower.replaceAll('_', '-') : lower;
    if (!singleFields.has(single)) continue;
    if (singles.has(single) || aliases?.has(single) === true) return duplicate;
    // An alias is no framing: nobody here has read it as such.
    if (isAlias) (aliases ??= new Set()).add(single);
    else singles.set(single, value);
  }
  if (bytes > maxBytes) return tooLarge;
  const kept = dropsAny ? withoutUnderscores(headers) : headers;
  return framingFault(singles, protocol) ?? { singles, connection: connections.join(','), headers: kept };
}

function withoutUnderscores(headers: HeaderList): HeaderList {
  return headers.filter((_, index) => headers[index - (index % 2)]?.includes('_') !== true);
}

function framingFault(singles: ReadonlyMap<string, string>, protocol: Inbound['protocol']): HeaderFault | undefined {
  if (singles.size === 0) return undefined;
  const length = singles.get('content-length');
  const coding = singles.get('transfer-encoding');
  const expectation = singles.get('expect');
  // `host` is the caller's to take out: one that is still here is a second authority.
  if (singles.has('host')) return duplicate;
  if (length !== undefined && !contentLength.test(length)) return framing;
  // Other codings would reach the upstream undecoded, HTTP/1.0 has no chunks, and of two lengths the upstream may believe the other.
  if (coding !== undefined && (protocol !== 'http/1.1' || length !== undefined || coding.toLowerCase() !== 'chunked')) return framing;
  if (protocol === 'h2' && (singles.get('te') ?? 'trailers').toLowerCase() !== 'trailers') return invalid;
  return expectation !== undefined && expectation.toLowerCase() !== '100-continue'
    ? { reason: 'expectation-failed', status: 417 }
    : undefined;
}

const contentLength = /^[0-9]{1,15}$/;

const tooLarge: HeaderFault = { reason: 'headers-too-large', status: 431 };
const invalid: HeaderFault = { reason: 'header-invalid', status: 400 };
const underscore: HeaderFault = { reason: 'header-underscore', status: 400 };
const duplicate: HeaderFault = { reason: 'header-duplicate', status: 400 };
const framing: HeaderFault = { reason: 'framing-invalid', status: 400 };
