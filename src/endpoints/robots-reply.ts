import type { Reply } from '../http/reply.ts';
import { textReply } from './text-reply.ts';

/** What crawlers are told instead of a refusal: a 403 for `/robots.txt` would read as "everything may be crawled" (RFC 9309 section 2.3.1.3). */
export function robotsReply(): Reply {
  return textReply(200, 'User-agent: *\nDisallow: /\n');
}
