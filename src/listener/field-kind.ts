import { isFieldName } from '../http/header-list.ts';
import { ownCopy } from '../http/own-copy.ts';

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

// Few names are sent at all, each of them with nearly every request. Clients choose them: some are remembered, and no long ones.
const known = new Map<string, FieldKind>();
const mostKnown = 1_000;
const longestKnown = 64;

/** The kind of a field, by its name as written; undefined where that is no name of a field. */
export function fieldKind(name: string): FieldKind | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (!isFieldName(name)) return undefined;
  return name.length > longestKnown ? readKind(name) : remember(ownCopy(name));
}

/** Whoever fills the memory with inventions costs the others one reading of their names. */
function remember(name: string): FieldKind {
  if (known.size >= mostKnown) known.clear();
  const kind = readKind(name);
  known.set(name, kind);
  return kind;
}

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
