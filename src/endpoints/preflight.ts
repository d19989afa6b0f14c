import type { HeaderList } from '../http/header-list.ts';
import { headerValue } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';

/** For documents that anybody may read: every origin alike, so that none is ever reflected, and never with credentials. */
export const anyOrigin: HeaderList = ['Access-Control-Allow-Origin', '*'];

/** A browser asking whether a script may send its request; `OPTIONS` alone is none (Fetch, "CORS-preflight request"). */
export function isPreflight({ method, headers }: Inbound): boolean {
  return (
    method === 'OPTIONS' &&
    headerValue(headers, 'origin') !== undefined &&
    headerValue(headers, 'access-control-request-method') !== undefined
  );
}

export function preflightReply(methods: readonly string[]): Reply {
  return {
    status: 204,
    headers: [
      ...anyOrigin,
      'Access-Control-Allow-Methods',
      methods.join(', '),
      // `*` stands for every header but Authorization, which has no business here.
      'Access-Control-Allow-Headers',
      '*',
      'Access-Control-Max-Age',
      '3600',
    ],
    body: '',
  };
}
