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
  const headers: string[] = [];
  const authorities: string[] = [];
  const hosts: string[] = [];
  let method = '';
  let rawTarget = '';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (name === ':method') method = value;
    else if (name === ':path') rawTarget = value;
    else if (name === ':authority') authorities.push(value);
    else if (name === 'host') hosts.push(value);
    else if (!name.startsWith(':')) headers.push(name, value);
  }
  const agree = authorities.length === 1 && hosts.length === 1 && authorities[0] === hosts[0];
  return {
    rawAuthority: authorities[0] ?? hosts[0],
    authorityCount: agree ? 1 : authorities.length + hosts.length,
    headers,
    method,
    rawTarget,
  };
}
