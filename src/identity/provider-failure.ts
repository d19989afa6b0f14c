import { ProxyFailure } from '../http/proxy-failure.ts';
import { loadOpenidClient } from './load-openid-client.ts';

const transportCodes: ReadonlySet<unknown> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', undefined]);
const deepestCause = 4;

/** A fault at the provider as a `ProxyFailure`: unreachable where trying again may help, refused where somebody has to mend something. */
export function providerFailure(doing: string, error: unknown): ProxyFailure {
  if (error instanceof ProxyFailure) return error;
  const cause = withoutAnswer(error);
  return isUnreachable(error)
    ? new ProxyFailure('provider-unreachable', `Cannot ${doing}: the identity provider does not answer`, { cause })
    : new ProxyFailure('provider-refused', `Cannot ${doing}: the identity provider refused or sent something unexpected`, { cause });
}

/** No answer, a broken one, or one of the 5xx kind. */
export function isUnreachable(error: unknown): boolean {
  // What `fetch` rejects with.
  if (error instanceof TypeError) return true;
  const { ClientError, ResponseBodyError } = loadOpenidClient();
  if (error instanceof ResponseBodyError) return error.status >= 500;
  if (!(error instanceof ClientError)) return false;
  const status = statusOf(error.cause);
  return status === undefined ? transportCodes.has(error.code) : status >= 500;
}

/** The error in words. The library hangs whole answers on its errors, tokens and claims included, and none may get into a log. */
export function withoutAnswer(error: unknown): Error {
  const words: string[] = [];
  let cause = error;
  for (let depth = 0; depth < deepestCause && cause instanceof Error; depth += 1) {
    words.push(wordsOf(cause));
    cause = cause.cause;
  }
  return new Error(words.join(': '));
}

function wordsOf(error: Error): string {
  const { AuthorizationResponseError, ResponseBodyError } = loadOpenidClient();
  const isOauthError = error instanceof AuthorizationResponseError || error instanceof ResponseBodyError;
  if (isOauthError) return `${error.message} (${error.error}: ${JSON.stringify(error.error_description ?? '')})`;
  const status = statusOf(error.cause);
  return status === undefined ? error.message : `${error.message} (status ${status})`;
}

/** By shape, not by class: an injected fetch has a `Response` of its own. */
function statusOf(cause: unknown): number | undefined {
  return typeof cause === 'object' && cause !== null && 'status' in cause && typeof cause.status === 'number' ? cause.status : undefined;
}
