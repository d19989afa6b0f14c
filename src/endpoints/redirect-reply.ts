import type { HeaderList } from '../http/header-list.ts';
import { isFieldValue } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';

export interface RedirectReplyInput {
  readonly status?: 301 | 302 | 303 | 307 | 308;
  readonly location: string;
  readonly setCookies?: readonly string[];
  /** Further headers of the answer. */
  readonly headers?: HeaderList;
}

/** A redirect, 302 unless told otherwise, that no cache keeps and that does not tell the next site where the visitor came from. */
export function redirectReply({ status = 302, location, setCookies = [], headers = [] }: RedirectReplyInput): Reply {
  // Locations are made from parts of requests: a line break that slipped through would begin a header of the attacker's.
  if (!isFieldValue(location)) throw new ProxyFailure('internal', 'Cannot write a redirect: its location is no header value');
  return {
    status,
    headers: [
      'Location',
      location,
      'Cache-Control',
      'no-store',
      'Referrer-Policy',
      'no-referrer',
      ...setCookies.flatMap((cookie) => ['Set-Cookie', cookie]),
      ...headers,
    ],
    body: '',
  };
}
