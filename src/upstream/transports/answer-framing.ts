import type { HeaderList } from '../../http/header-list.ts';

/** What the fields of a head say about the body and about the connection. */
export interface AnswerFraming {
  /** From `Content-Length`. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
  /** Whether the connection may be used again behind an answer whose end is known (RFC 9112 section 9.3); never that of HTTP/1.0. */
  readonly persists: boolean;
  /** The value of `Keep-Alive`; empty when there is none. */
  readonly keepAlive: string;
}

// As a number so many digits are exact.
const digits = /^\d{1,15}$/;

/**
 * Undefined where two readers could differ about where the body ends: two lengths, even equal ones, a length beside a coding, a coding
 * other than `chunked`, or one in HTTP/1.0 (RFC 9112 sections 6.1 and 6.3).
 */
export function readFraming(fields: HeaderList, minor: number): AnswerFraming | undefined {
  let length: number | undefined;
  let isChunked = false;
  let connection = '';
  let keepAlive = '';
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    switch (framingName(name)) {
      case 'content-length':
        if (length !== undefined || isChunked || !digits.test(value)) return undefined;
        length = Number(value);
        break;
      case 'transfer-encoding':
        if (length !== undefined || isChunked || minor === 0 || value.toLowerCase() !== 'chunked') return undefined;
        isChunked = true;
        break;
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`;
        break;
      case 'keep-alive':
        keepAlive = value;
        break;
      case undefined:
    }
  }
  return { length, isChunked, persists: minor === 1 && !close.test(connection), keepAlive };
}

type FramingName = 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive';

/** Most names are passed by for their length. */
function framingName(name: string): FramingName | undefined {
  switch (name.length) {
    case 10: {
      const lower = name.toLowerCase();
      return lower === 'connection' || lower === 'keep-alive' ? lower : undefined;
    }
    case 14:
      return name.toLowerCase() === 'content-length' ? 'content-length' : undefined;
    case 17:
      return name.toLowerCase() === 'transfer-encoding' ? 'transfer-encoding' : undefined;
    default:
      return undefined;
  }
}

const close = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
