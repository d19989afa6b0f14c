import type { HeaderList } from '../http/header-list.ts';
import { headerValue } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';

/** The head of an answer as a sink may write it. */
export interface AnswerHead {
  /** Without the fields that are the connection's business. */
  readonly fields: string[];
  /** How many bytes of body the header announces and the client therefore waits for; undefined when it announces nothing. */
  readonly length: number | undefined;
  /** Whether the answer has no body, whatever its header says (RFC 9110 section 6.4.1). */
  readonly bodyless: boolean;
}

/** Fields that a sink writes itself, or that were about the connection to the upstream (RFC 9113 section 8.2.2 forbids them). */
export const framingFields: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Throws a `ProxyFailure` for an answer that can't be sent as one: with a status out of range, or with two lengths. */
export function answerHead(method: string, status: number, headers: HeaderList): AnswerHead {
  if (status < 200 || status > 599) throw new ProxyFailure('upstream-broken', `Cannot send the answer: its status is ${status}`);
  const fields: string[] = [];
  let announced: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (framingFields.has(lower)) continue;
    if (lower === 'content-length') {
      // Two lengths that differ are two answers, depending on who reads.
      if (!contentLength.test(value) || (announced !== undefined && announced !== value))
        throw new ProxyFailure('upstream-broken', `Cannot send the answer: its Content-Length is ${JSON.stringify(value)}`);
      const repeated = announced !== undefined;
      announced = value;
      if (repeated || status === 204) continue;
    }
    fields.push(name, value);
  }
  const bodyless = method === 'HEAD' || status === 204 || status === 304;
  return { fields, length: bodyless || announced === undefined ? undefined : Number(announced), bodyless };
}

/** Whether a reply of our own is to be the last one on its connection: `Connection: close`, which HTTP/2 says with GOAWAY. */
export function isLastReply(headers: HeaderList): boolean {
  return headerValue(headers, 'connection')?.toLowerCase() === 'close';
}

const contentLength = /^[0-9]{1,15}$/;
