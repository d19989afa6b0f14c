import type { HeaderList } from '../http/header-list.ts';
import { headerValue, isFieldValue } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import { answerField } from './answer-field.ts';

/** The head of an answer as a sink may write it. */
export interface AnswerHead {
  /** Without the fields that are the connection's business; those that were given, where none of them is. */
  readonly fields: HeaderList;
  /** How many bytes of body the header announces and the client therefore waits for; undefined when it announces nothing. */
  readonly length: number | undefined;
  /** Whether the answer has no body, whatever its header says (RFC 9110 section 6.4.1). */
  readonly bodyless: boolean;
  /** Whether the time of the answer is among the fields. */
  readonly hasDate: boolean;
}

/** Throws a `ProxyFailure` for an answer that can't be sent as one: with a status out of range, two lengths, or a name that is none. */
export function answerHead(method: string, status: number, headers: HeaderList): AnswerHead {
  if (status < 200 || status > 599) throw unsendable(`its status is ${status}`);
  // Of most answers nothing is left out, and no list is made.
  let kept: string[] | undefined;
  let announced: string | undefined;
  let hasDate = false;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const field = answerField(name);
    if (field === 'malformed') throw unsendable('its header is malformed');
    if (field === 'date') hasDate = true;
    let isLeftOut = field === 'framing';
    if (field === 'length') {
      // Two lengths that differ are two answers, depending on who reads.
      if (!contentLength.test(value) || (announced !== undefined && announced !== value))
        throw unsendable(`its Content-Length is ${JSON.stringify(value)}`);
      isLeftOut = announced !== undefined || status === 204;
      announced = value;
    }
    if (isLeftOut) kept ??= headers.slice(0, index);
    else kept?.push(name, value);
  }
  const bodyless = method === 'HEAD' || status === 204 || status === 304;
  return { fields: kept ?? headers, length: bodyless || announced === undefined ? undefined : Number(announced), bodyless, hasDate };
}

function unsendable(why: string): ProxyFailure {
  return new ProxyFailure('upstream-broken', `Cannot send the answer: ${why}`);
}

/** A reply of our own as bytes, and its headers with their length, where an answer of its status has one. */
export function wholeReply({ status, headers, body }: Reply): { readonly bytes: Uint8Array; readonly headers: HeaderList } {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const hasLength = status !== 204 && status !== 304;
  return { bytes, headers: hasLength ? [...headers, 'Content-Length', String(bytes.length)] : headers };
}

/** Whether a reply of our own is to be the last one on its connection: `Connection: close`, which HTTP/2 says with GOAWAY. */
export function isLastReply(headers: HeaderList): boolean {
  return headerValue(headers, 'connection')?.toLowerCase() === 'close';
}

/** What may stand beside an answer, in a 1xx: no framing. Malformed ones are still there. */
export function withoutFraming(headers: HeaderList): string[] {
  return headers.filter((_, index) => answerField(headers[index - (index % 2)] ?? '') !== 'framing');
}

/** The trailers that can be sent, as name, value, name, value …; the others are left out: the answer is whole without them. */
export function soundTrailers(trailers: HeaderList): string[] {
  return trailers.filter((_, index) => {
    const at = index - (index % 2);
    const field = answerField(trailers[at] ?? '');
    return field !== 'framing' && field !== 'malformed' && isFieldValue(trailers[at + 1] ?? '');
  });
}

const contentLength = /^[0-9]{1,15}$/;
