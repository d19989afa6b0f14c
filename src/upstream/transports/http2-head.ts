import type { HeaderList } from '../../http/header-list.ts';
import { headerValue } from '../../http/header-list.ts';
import type { UpstreamRequest } from '../transport.ts';

/** The head of a request as HTTP/2 has it (RFC 9113 section 8.3.1): `Host` as `:authority`, names in lower case. */
export function http2Head({ method, path, headers, takesTrailers, trailers }: UpstreamRequest, scheme: 'http' | 'https'): string[] {
  const head = [':method', method, ':scheme', scheme, ':authority', headerValue(headers, 'host') ?? '', ':path', path];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    if (name !== 'host') head.push(name, trimmed(headers[index + 1] ?? ''));
  }
  // The one hop-by-hop field of HTTP/2, in the one form it may have (section 8.2.2); gRPC servers insist on it.
  if (takesTrailers) head.push('te', 'trailers');
  if (trailers !== undefined && trailers.announced.length > 0) head.push('trailer', trailers.announced.join(', '));
  return head;
}

/** The fields of a head that came, without the pseudo-header fields. */
export function regularFields(raw: HeaderList): HeaderList {
  return raw.filter((_, index) => raw[index - (index % 2)]?.startsWith(':') !== true);
}

/** Space at the ends is legal in the text of HTTP/1.1 and makes a request malformed in HTTP/2 (section 8.2.1). */
function trimmed(value: string): string {
  return blankEnds.test(value) ? value.replaceAll(/^[\t ]+|[\t ]+$/g, '') : value;
}

const blankEnds = /^[\t ]|[\t ]$/;
