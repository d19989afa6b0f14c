import { headerValues } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';

/** What a request shows besides its cookies to say who is asking. Nothing of it is verified yet. */
export interface ShownTokens {
  /** From `X-Pomerium-Authorization`, `Authorization: Pomerium …` and `Authorization: Bearer Pomerium-…`. */
  readonly session: readonly string[];
  /** Something was meant for us and can't be read, so that nobody may be taken for whoever else the request speaks of. */
  readonly isSessionUnreadable: boolean;
  /** What follows `Bearer`, when that is not a token of ours; undefined where there is no such header. Empty when it can't be read. */
  readonly bearer: string | undefined;
}

const nothing: ShownTokens = Object.freeze({ session: Object.freeze([]), isSessionUnreadable: false, bearer: undefined });

// Whatever could be taken for one of ours, in any spelling: the same that is never passed on to an upstream.
const isForUs = /^\s*(?:pomerium(?:[\s-]|$)|bearer\s+pomerium-)/i;
const isBearer = /^\s*bearer(?:\s|$)/i;
const ours = /^(?:pomerium +|bearer +pomerium-)([A-Za-z0-9_.-]+)$/i;
// RFC 6750 section 2.1.
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
// One that names a hundred groups has 8 KB, and what is hashed and sent on to a provider is bounded for everybody.
const longestBearer = 16_384;
const compact = /^[A-Za-z0-9_.-]+$/;

export function readShownTokens({ headers }: Pick<Inbound, 'headers'>): ShownTokens {
  const own = headerValues(headers, 'x-pomerium-authorization');
  const standard = headerValues(headers, 'authorization');
  if (own.length === 0 && standard.length === 0) return nothing;
  const [value = ''] = standard;
  const isOurs = isForUs.test(value);
  const session = [...own, ...(isOurs ? [ours.exec(value)?.[1] ?? ''] : [])];
  return {
    session,
    // Of two only one is looked at by the next reader, and nobody knows which.
    isSessionUnreadable: own.length > 1 || (isOurs && standard.length > 1) || session.some((token) => !compact.test(token)),
    bearer: !isOurs && isBearer.test(value) ? readBearer(standard) : undefined,
  };
}

function readBearer([value = '', ...others]: readonly string[]): string {
  const token = others.length === 0 ? bearer.exec(value)?.[1] : undefined;
  return token === undefined || token.length > longestBearer ? '' : token;
}

/** Whether the query holds a session token, as Pomerium would take it. It is never accepted: queries end up in logs and in `Referer`. */
export function showsTokenInQuery({ query }: Pick<Inbound, 'query'>): boolean {
  return query.includes('pomerium_session') && new URLSearchParams(query).has('pomerium_session');
}
