import { constants } from 'node:http2';
import type { FailureCode, ProxyFailure } from '../http/proxy-failure.ts';
import { Http2Failure } from './transports/http2-failure.ts';

/**
 * The `grpc-status` of a failure that says more than its HTTP status does; undefined where it does not. Time that ran out is no
 * UNAVAILABLE, which clients answer with the same call though it may have been acted upon.
 */
export function grpcStatusOf(failure: ProxyFailure): number | undefined {
  if (overdue.has(failure.code)) return deadlineExceeded;
  const { cause } = failure;
  return cause instanceof Http2Failure && cause.resetCode !== undefined ? (ofResets.get(cause.resetCode) ?? internalError) : undefined;
}

const overdue: ReadonlySet<FailureCode> = new Set(['upstream-timeout', 'upstream-idle', 'request-overdue']);

const cancelled = 1;
const deadlineExceeded = 4;
const permissionDenied = 7;
const resourceExhausted = 8;
const internalError = 13;
const unavailable = 14;

// "Errors" of the gRPC protocol over HTTP/2.
const ofResets: ReadonlyMap<number, number> = new Map([
  [constants.NGHTTP2_REFUSED_STREAM, unavailable],
  [constants.NGHTTP2_CANCEL, cancelled],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, resourceExhausted],
  [constants.NGHTTP2_INADEQUATE_SECURITY, permissionDenied],
]);
