import type { Exchange } from '../http/exchange.ts';
import { isStaleConnection, isUnprocessed } from './read-failure.ts';

const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may be sent once more after an error that came before a single byte of an answer; `wasBegun`: it was written, or may
 * have been. Only what certainly changed nothing: the upstream has not acted upon it, or a connection was closed in the moment it was used
 * again and the method promises that asking twice is asking once (RFC 9110 section 9.2.2). Anything more is the client's decision.
 */
export function mayRepeat(error: Error, { inbound, body }: Pick<Exchange, 'inbound' | 'body'>, wasBegun: boolean): boolean {
  if (body?.stream.destroyed === true) return false;
  if (isUnprocessed(error)) return true;
  return wasBegun && body === undefined && repeatable.has(inbound.method) && isStaleConnection(error);
}
