import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { errorReply } from './error-reply.ts';

/** 404 on a page of our own: what is under a reserved prefix is never looked for in the routes. */
export function notFound({ inbound }: Pick<EndpointContext, 'inbound'>): Reply {
  return errorReply({ status: 404, reference: inbound.id, headers: inbound.headers });
}
