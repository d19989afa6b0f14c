import type { HeaderList } from '../http/header-list.ts';
import type { InboundParts } from './read-inbound.ts';

/** The part of `InboundParts` that a header list of the wire decides. */
export type WireHeaders = Pick<InboundParts, 'rawAuthority' | 'authorityCount' | 'headers'>;

/** Takes `Host` out of the list of an HTTP/1.1 request, and counts it: Node keeps the first of two without a word. */
export function splitHttp1Headers(raw: HeaderList): WireHeaders {
  const headers: string[] = [];
  let rawAuthority: string | undefined;
  let authorityCount = 0;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') {
      rawAuthority ??= value;
      authorityCount += 1;
    } else headers.push(name, value);
  }
  return { rawAuthority, authorityCount, headers };
}

export interface Http2Headers extends WireHeaders {
  readonly method: string;
  readonly rawTarget: string;
}

/** Takes pseudo-header fields and `host` out of the list of an HTTP/2 request. Both may name the authority, but only the same one. */
export function splitHttp2Headers(raw: HeaderList): Http2Headers {
  let method = '';
  let rawTarget = '';
  let authority: string | undefined;
  let authorityCount = 0;
  let start = 0;
  // They come first (RFC 9113 section 8.3): what follows is the list as it is.
  for (; start + 1 < raw.length && isPseudo(raw[start]); start += 2) {
    const name = raw[start];
    const value = raw[start + 1] ?? '';
    if (name === ':method') method = value;
    else if (name === ':path') rawTarget = value;
    else if (name === ':authority') {
      authority ??= value;
      authorityCount += 1;
    }
  }
  const headers = raw.slice(start);
  const wire = { rawAuthority: authority, authorityCount, headers, method, rawTarget };
  return headers.includes('host') ? withHost(wire) : wire;
}

function isPseudo(name: string | undefined): boolean {
  return name?.charCodeAt(0) === colon;
}

const colon = 0x3a;

/** Takes out what `host` says; few clients send it at all. */
function withHost({ rawAuthority, authorityCount, headers, method, rawTarget }: Http2Headers): Http2Headers {
  const hosts = headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === 'host');
  const others = headers.filter((_, index) => headers[index - (index % 2)] !== 'host');
  const agree = authorityCount === 1 && hosts.length === 1 && hosts[0] === rawAuthority;
  return {
    rawAuthority: rawAuthority ?? hosts[0],
    authorityCount: agree ? 1 : authorityCount + hosts.length,
    headers: others,
    method,
    rawTarget,
  };
}
