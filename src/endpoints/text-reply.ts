import type { HeaderList } from '../http/header-list.ts';
import type { Reply } from '../http/reply.ts';

/** Plain text that no cache keeps and no browser takes for anything else. */
export function textReply(status: number, text: string, extraHeaders: HeaderList = []): Reply {
  return {
    status,
    headers: [
      'Content-Type',
      'text/plain; charset=utf-8',
      'X-Content-Type-Options',
      'nosniff',
      'Cache-Control',
      'no-store',
      ...extraHeaders,
    ],
    body: text,
  };
}
