import { errorReply } from './endpoints/error-reply.ts';
import { signInText } from './endpoints/sign-in-text.ts';
import type { HeaderList } from './http/header-list.ts';
import type { FailureCode } from './http/proxy-failure.ts';
import { ProxyFailure } from './http/proxy-failure.ts';
import type { Reply } from './http/reply.ts';
import { grpcStatusOf } from './upstream/grpc-status.ts';

/** Any failure as the one reply the visitor gets: a page with the reference id and nothing about causes. Gives every fault its status. */
export function rescue(failure: ProxyFailure, request: { readonly id: string; readonly headers: HeaderList }): Reply {
  const { code, returnTo } = failure;
  const text = code === 'provider-unreachable' || code === 'provider-refused' ? signInText(code, returnTo) : {};
  return errorReply({ status: statuses[code], reference: request.id, headers: request.headers, grpc: grpcStatusOf(failure), ...text });
}

/** Whatever was thrown, as a failure: what nobody foresaw is ours, and `internal`. */
export function asFailure(error: unknown): ProxyFailure {
  return error instanceof ProxyFailure ? error : new ProxyFailure('internal', 'Cannot serve the request', { cause: error });
}

const statuses: Readonly<Record<FailureCode, number>> = {
  // Nobody is there to read it; the log wants a status all the same.
  'client-aborted': 400,
  'client-timeout': 408,
  'client-stalled': 408,
  'request-overdue': 504,
  'access-ended': 403,
  'server-stopping': 503,
  'upstream-unreachable': 503,
  'upstream-tls': 503,
  'upstream-broken': 502,
  'upstream-timeout': 504,
  'upstream-idle': 504,
  'upstream-upgrade-invalid': 502,
  'provider-unreachable': 503,
  'provider-refused': 502,
  'store-failed': 503,
  internal: 500,
};
