import { isFieldName, isFieldValue } from '../../http/header-list.ts';
import { rememberNames } from '../../http/remember-names.ts';
import type { UpstreamRequest } from '../transport.ts';

/**
 * The head of a request without a body, as it is written; undefined where that would not be one request. The last door: what was proven
 * everywhere before is looked at once more here, because a line break would begin a request that nobody judged, and a character beyond
 * latin1 can become one on its way into a byte.
 */
export function requestText({ method, path, headers }: UpstreamRequest, keepsAlive: boolean): string | undefined {
  if (!isFieldName(method) || method === 'CONNECT' || !isTarget.test(path)) return undefined;
  let host: string | undefined;
  let fields = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const beginning = beginningOf(headers[index] ?? '');
    const value = headers[index + 1] ?? '';
    if (beginning === unsendable || !isFieldValue(value)) return undefined;
    if (beginning === ofHost) {
      if (host !== undefined) return undefined;
      host = value;
    } else if (beginning !== leftOut) fields += beginning + value;
  }
  if (host === undefined) return undefined;
  const connection = keepsAlive ? '\r\nconnection: keep-alive' : '\r\nconnection: close';
  // Said where a body is expected and none comes (RFC 9110 section 8.6).
  const end = carriesBody.has(method) ? '\r\ncontent-length: 0\r\n\r\n' : '\r\n\r\n';
  return `${method} ${path} HTTP/1.1${ofHost}${host}${connection}${fields}${end}`;
}

const isTarget = /^\/[\x21-\x7e\x80-\xff]*$/;
const carriesBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** What a line is written with up to its value, the end of the line before included; or one of these. */
type Beginning = string;
const ofHost: Beginning = '\r\nhost: ';
const leftOut: Beginning = '';
const unsendable: Beginning = '\0';

const beginningOf = rememberNames(judgeName);

function judgeName(name: string): Beginning {
  if (!isFieldName(name)) return unsendable;
  switch (name.toLowerCase()) {
    case 'host':
      return ofHost;
    case 'content-length':
      return leftOut;
    // Those frame the message or the connection, which is said here alone.
    case 'transfer-encoding':
    case 'connection':
      return unsendable;
    default:
      return `\r\n${name}: `;
  }
}
