import { isFieldName } from '../http/header-list.ts';
import { rememberNames } from '../http/remember-names.ts';

/** What the name of a field says about it, before its value was looked at. */
export interface FieldKind {
  /** The name holds `_`, which programs that see `_` and `-` alike (CGI, WSGI) read as another one. */
  readonly isAlias: boolean;
  readonly isConnection: boolean;
  /** About one HTTP/1.1 connection: makes an HTTP/2 request malformed (RFC 9113 section 8.2.2). */
  readonly isConnectionField: boolean;
  /** A bit of its own for each field that may be sent once only, 0 for others; an alias has the bit of the field that it is taken for. */
  readonly single: number;
  /** The name in lower case, of those fields whose value tells how the request is read. */
  readonly framing: string | undefined;
}

/**
 * Fields that have one meaning only when they are sent once: a proxy that reads the first and an upstream that reads the last see two
 * requests. `cookie` may repeat: HTTP/2 splits it (RFC 9113 section 8.2.3).
 */
const singleFields: readonly string[] = [
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
];

const connectionFields: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const framingFields: ReadonlySet<string> = new Set([
  'content-length',
  'expect',
  'host',
  'sec-websocket-key',
  'sec-websocket-version',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** The kind of a field, by its name as written; undefined where that is no name of a field. */
export const fieldKind: (name: string) => FieldKind | undefined = rememberNames((name) => (isFieldName(name) ? readKind(name) : undefined));

function readKind(name: string): FieldKind {
  const lower = name.toLowerCase();
  const isAlias = name.includes('_');
  const position = singleFields.indexOf(isAlias ? lower.replaceAll('_', '-') : lower);
  return {
    isAlias,
    isConnection: lower === 'connection',
    isConnectionField: connectionFields.has(lower),
    single: position === -1 ? 0 : 1 << position,
    framing: framingFields.has(lower) ? lower : undefined,
  };
}
