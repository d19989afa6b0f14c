import type { HeaderList } from '../http/header-list.ts';
import { isFieldValue } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import type { HeaderUnderscores } from '../http/inbound-rules.ts';
import { fieldKind } from './field-kind.ts';
import type { ListenerReason, RefusalStatus } from './listener-refusal.ts';

export interface HeaderFault {
  readonly reason: ListenerReason;
  readonly status: RefusalStatus;
}

/** What the framing fields said; everything else only had to be sound. */
export interface InspectedHeaders {
  /** The fields that tell how the request is read and were present, by lower-case name. */
  readonly framing: ReadonlyMap<string, string>;
  /** All of the `Connection` fields in one. */
  readonly connection: string;
  /** Without what the rules drop. */
  readonly headers: HeaderList;
}

const maxFields = 1_000;
const maxBytes = 128 * 1024;

/** One walk over the list: sizes, names, values, duplicates, then the framing. */
export function inspectHeaders(
  headers: HeaderList,
  protocol: Inbound['protocol'],
  underscores: HeaderUnderscores,
): InspectedHeaders | HeaderFault {
  let framing: Map<string, string> | undefined;
  let connection = '';
  let seen = 0;
  let dropsAny = false;
  let bytes = 0;
  // `Host`, or `:authority`, was taken out of the list, and is a field like any other.
  if (headers.length / 2 + 1 > maxFields) return tooLarge;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    bytes += name.length + value.length;
    const kind = fieldKind(name);
    // Names and values were written by HTTP/2 clients as well, and go out as HTTP/1.1: a line break here is a second request there.
    if (kind === undefined || !isFieldValue(value)) return invalid;
    if (kind.isAlias && underscores === 'reject_request') return underscore;
    if (kind.isAlias && underscores === 'drop_header') {
      dropsAny = true;
      continue;
    }
    if (kind.isConnectionField && protocol === 'h2') return invalid;
    if ((seen & kind.single) !== 0) return duplicate;
    seen |= kind.single;
    // Never of an alias: nobody here has read it as such.
    if (kind.framing !== undefined) (framing ??= new Map()).set(kind.framing, value);
    else if (kind.isConnection) connection = connection === '' ? value : `${connection},${value}`;
  }
  if (bytes > maxBytes) return tooLarge;
  const kept = dropsAny ? withoutUnderscores(headers) : headers;
  if (framing === undefined) return { framing: none, connection, headers: kept };
  return framingFault(framing, protocol) ?? { framing, connection, headers: kept };
}

const none: ReadonlyMap<string, string> = new Map();

function withoutUnderscores(headers: HeaderList): HeaderList {
  return headers.filter((_, index) => headers[index - (index % 2)]?.includes('_') !== true);
}

function framingFault(fields: ReadonlyMap<string, string>, protocol: Inbound['protocol']): HeaderFault | undefined {
  const length = fields.get('content-length');
  const coding = fields.get('transfer-encoding');
  const expectation = fields.get('expect');
  // `host` is the caller's to take out: one that is still here is a second authority.
  if (fields.has('host')) return duplicate;
  if (length !== undefined && !contentLength.test(length)) return framingInvalid;
  // Other codings would reach the upstream undecoded, HTTP/1.0 has no chunks, and of two lengths the upstream may believe the other.
  if (coding !== undefined && (protocol !== 'http/1.1' || length !== undefined || coding.toLowerCase() !== 'chunked'))
    return framingInvalid;
  if (protocol === 'h2' && (fields.get('te') ?? 'trailers').toLowerCase() !== 'trailers') return invalid;
  return expectation !== undefined && expectation.toLowerCase() !== '100-continue'
    ? { reason: 'expectation-failed', status: 417 }
    : undefined;
}

const contentLength = /^[0-9]{1,15}$/;

const tooLarge: HeaderFault = { reason: 'headers-too-large', status: 431 };
const invalid: HeaderFault = { reason: 'header-invalid', status: 400 };
const underscore: HeaderFault = { reason: 'header-underscore', status: 400 };
const duplicate: HeaderFault = { reason: 'header-duplicate', status: 400 };
const framingInvalid: HeaderFault = { reason: 'framing-invalid', status: 400 };
