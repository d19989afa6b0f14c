import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Endpoint } from './endpoint.ts';
import { errorCode } from './error-code.ts';
import { ConnectionEnded } from './transports/answer-error.ts';
import { Http2Failure } from './transports/http2-failure.ts';
import { OtherProtocol } from './transports/other-protocol.ts';

/** What undici's error means for an exchange whose request was begun over a connection, or not yet. */
export function exchangeFailure(error: unknown, endpoint: Endpoint, isConnected: boolean): ProxyFailure {
  const code = errorCode(error);
  if (ourFaults.has(code)) return new ProxyFailure('internal', `Cannot send the request to ${endpoint.url}: ${code}`, { cause: error });
  if (bodyFaults.has(code)) return bodyFailure(error);
  // A connection that was there, and ended before anything was sent over it, is told by its own error.
  return isConnected || error instanceof Http2Failure ? answerFailure(error, endpoint) : connectFailure(error, endpoint);
}

/** The stream of a body may say itself that the client was too slow; anything else is a client that went away. */
export function bodyFailure(cause: unknown): ProxyFailure {
  if (cause instanceof ProxyFailure) return cause;
  return new ProxyFailure('client-aborted', 'The body of the request broke off', { cause });
}

/** Why no connection came about: the network, or the TLS of an upstream that could be reached. */
export function connectFailure(error: unknown, { url, target }: Endpoint): ProxyFailure {
  const code = errorCode(error);
  const unreachable = target.kind !== 'tls' || networkCodes.has(code);
  return unreachable
    ? new ProxyFailure('upstream-unreachable', `Cannot connect to ${url}: ${code}`, { cause: error })
    : new ProxyFailure('upstream-tls', `Cannot trust ${url}: ${code}`, { cause: error });
}

/** Why an answer did not come, or not whole, over a connection that was there. */
export function answerFailure(error: unknown, { url }: Endpoint): ProxyFailure {
  // In TLS 1.3 a client's certificate is judged after the handshake: the refusal arrives where the answer was expected.
  if (errorCode(error).startsWith('ERR_SSL_'))
    return new ProxyFailure('upstream-tls', `Cannot agree on TLS with ${url}: ${errorCode(error)}`, { cause: error });
  return new ProxyFailure('upstream-broken', `Cannot read the answer of ${url}: ${errorCode(error)}`, { cause: error });
}

/** Whether it is certain that nobody acted upon the request: the upstream said so, or it was never written. */
export function isUnprocessed(error: unknown): boolean {
  return (error instanceof Http2Failure && error.isUnprocessed) || error instanceof OtherProtocol;
}

/**
 * Whether an idle connection was closed by the upstream in the moment it was used again. `bytesRead` tells a connection that
 * had answered before; Node's own errors don't carry it.
 */
export function isStaleConnection(error: unknown): boolean {
  if (error instanceof Http2Failure) return error.wasUsed && error.resetCode === undefined;
  if (error instanceof ConnectionEnded) return error.isStale;
  const code = errorCode(error);
  if (code === 'ECONNRESET' || code === 'EPIPE') return true;
  return code === 'UND_ERR_SOCKET' && bytesRead(error) > 0;
}

function bytesRead(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('socket' in error)) return 0;
  const { socket } = error;
  if (typeof socket !== 'object' || socket === null || !('bytesRead' in socket)) return 0;
  return typeof socket.bytesRead === 'number' ? socket.bytesRead : 0;
}

// Only the client's body ends a request of undici's that we did not abort ourselves in one of these ways.
const bodyFaults: ReadonlySet<string> = new Set(['UND_ERR_ABORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'ERR_BROKEN_BODY']);
const ourFaults: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'ERR_TRANSPORT_CLOSED',
  'ERR_UNSENDABLE',
]);

const networkCodes: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNECT_TIMEOUT',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENODATA',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
