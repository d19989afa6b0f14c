import type { ResponseHeaderRewrite } from '../config/action-settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import { headerValues } from '../http/header-list.ts';
import type { FieldName } from './header-step.ts';
import { connectionOptions } from './steps/drop-hop-by-hop.ts';
import { withoutNames } from './without-names.ts';

export interface ResponseHeadersInput {
  readonly upstream: HeaderList;
  readonly isOurCookie: (name: string) => boolean;
  readonly requestId: string;
  /** `rewrite_response_headers`, in its order: a later entry sees what an earlier one made. */
  readonly rewrites: readonly ResponseHeaderRewrite[];
  /** Set on the answer, replacing the upstream's own. */
  readonly set: HeaderList;
  /** Told of each `Set-Cookie` that was dropped. */
  readonly onCookieDropped: (name: string) => void;
}

/** One rule about the headers of an answer; see `HeaderStep`. */
export interface ResponseStep {
  readonly name: string;
  readonly drops?: (field: FieldName) => boolean;
  readonly wakes?: string;
  readonly apply?: (fields: string[], input: ResponseHeadersInput) => string[];
}

/** What happens to the headers of every answer of an upstream, in this order. */
export const responseSteps: readonly ResponseStep[] = [
  {
    name: 'drop hop-by-hop',
    drops: ({ plain }) => hopByHop.has(plain),
    wakes: 'connection',
    apply(fields, { upstream }) {
      const named = connectionOptions(upstream);
      return named === undefined ? fields : withoutNames(fields, named);
    },
  },
  {
    // What Postern says to clients, nobody behind it says.
    name: 'drop ours',
    drops: ({ plain }) => plain.startsWith('x-pomerium') || plain === 'x-request-id',
  },
  {
    // It would lead clients past the proxy, and past the policy with it (RFC 7838).
    name: 'drop alternative services',
    drops: ({ plain }) => plain === 'alt-svc' || plain === 'alternate-protocol',
  },
  { name: 'drop our cookies', drops: ({ plain }) => plain === 'set-cookie', wakes: 'set-cookie', apply: keepForeignCookies },
  { name: 'rewrite for route', apply: rewriteBeginnings },
  {
    name: 'set ours',
    apply(fields, { set, requestId }) {
      const kept = set.length === 0 ? fields : withoutNames(fields, namesOf(set));
      kept.push(...set, 'X-Request-Id', requestId);
      return kept;
    },
  },
];

/** An application that could set our cookie could put a visitor into a session of its choice (session fixation). */
function keepForeignCookies(fields: string[], { upstream, isOurCookie, onCookieDropped }: ResponseHeadersInput): string[] {
  for (const value of headerValues(upstream, 'set-cookie')) {
    const name = cookieName(value);
    if (isOurCookie(name)) onCookieDropped(name);
    else fields.push('Set-Cookie', value);
  }
  return fields;
}

function rewriteBeginnings(fields: string[], { rewrites }: ResponseHeadersInput): string[] {
  for (const { header, prefix, value } of rewrites) {
    const lowerName = header.toLowerCase();
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const [name, text] = [fields[index], fields[index + 1]];
      if (name?.toLowerCase() === lowerName && text?.startsWith(prefix)) fields[index + 1] = value + text.slice(prefix.length);
    }
  }
  return fields;
}

/**
 * The name the cookie will have when it comes back. Browsers store `=name=value` as a cookie without a name and send it as
 * `name=value` (RFC 6265bis section 5.7), so leading `=` count for nothing.
 */
function cookieName(setCookie: string): string {
  const pair = setCookie.split(';', 1)[0] ?? '';
  return (pair.replace(/^[\s=]+/, '').split('=', 1)[0] ?? '').trim();
}

const lowerNames = new WeakMap<HeaderList, ReadonlySet<string>>();

function namesOf(fields: HeaderList): ReadonlySet<string> {
  const known = lowerNames.get(fields);
  if (known !== undefined) return known;
  const names = new Set(fields.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  lowerNames.set(fields, names);
  return names;
}

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
