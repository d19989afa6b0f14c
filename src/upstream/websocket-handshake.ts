import { createHash } from 'node:crypto';
import type { HeaderList } from '../http/header-list.ts';
import { headerValues } from '../http/header-list.ts';

/** What a client asked for in a WebSocket handshake (RFC 6455 section 4.1). */
export interface WebSocketHandshake {
  readonly key: string;
  readonly protocols: readonly string[];
  /** Names only, in lower case. */
  readonly extensions: readonly string[];
}

/** Reads the headers of a request; undefined when they ask for no WebSocket of version 13, or not unambiguously. */
export function readHandshake(headers: HeaderList): WebSocketHandshake | undefined {
  const key = onlyValue(headers, 'sec-websocket-key');
  if (key === undefined || !keyPattern.test(key) || onlyValue(headers, 'sec-websocket-version') !== '13') return undefined;
  return { key, protocols: listItems(headers, 'sec-websocket-protocol'), extensions: extensionNames(headers) };
}

/** What of the 101 of an upstream does not fit this very handshake, beyond what every switch of protocols needs; undefined: nothing. */
export function findWebSocketProblem(headers: HeaderList, handshake: WebSocketHandshake): string | undefined {
  if (onlyValue(headers, 'sec-websocket-accept') !== acceptOf(handshake.key)) return 'its Sec-WebSocket-Accept does not fit the key';
  const protocols = headerValues(headers, 'sec-websocket-protocol');
  if (protocols.length > 1 || protocols.some((protocol) => !handshake.protocols.includes(protocol)))
    return 'it chose a subprotocol that the client did not offer';
  if (extensionNames(headers).some((extension) => !handshake.extensions.includes(extension)))
    return 'it chose an extension that the client did not offer';
  return undefined;
}

const keyPattern = /^[A-Za-z0-9+/]{22}==$/;

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function onlyValue(headers: HeaderList, lowerName: string): string | undefined {
  const values = headerValues(headers, lowerName);
  return values.length === 1 ? values[0]?.trim() : undefined;
}

function listItems(headers: HeaderList, lowerName: string): readonly string[] {
  return headerValues(headers, lowerName)
    .flatMap((value) => value.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function extensionNames(headers: HeaderList): readonly string[] {
  return listItems(headers, 'sec-websocket-extensions').map((item) => (item.split(';', 1)[0] ?? '').trim().toLowerCase());
}
