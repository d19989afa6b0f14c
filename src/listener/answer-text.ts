import type { HeaderList } from '../http/header-list.ts';
import { isFieldValue } from '../http/header-list.ts';
import { nodeHttp } from '../http/node-http.ts';
import { answerField } from './answer-field.ts';

/** The first line of an answer of HTTP/1.1, with its line end. */
export function statusLine(status: number): string {
  return statusLines[status] ?? lineOf(status);
}

/**
 * Fields as HTTP/1.1 writes them; undefined when one is malformed. This is the last door before the wire: a line break in a value would
 * be a field of its own, or the end of the head.
 */
export function fieldLines(fields: HeaderList): string | undefined {
  let text = '';
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    if (answerField(name) === 'malformed' || !isFieldValue(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

function lineOf(status: number): string {
  // The name that nginx gave it; no standard has one.
  return `HTTP/1.1 ${status} ${status === 495 ? 'SSL Certificate Error' : (nodeHttp.STATUS_CODES[status] ?? 'unknown')}\r\n`;
}

const statusLines: readonly string[] = Array.from({ length: 600 }, (_, status) => lineOf(status));
