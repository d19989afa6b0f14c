import type { HeaderList } from './header-list.ts';
import { headerValue, headerValues } from './header-list.ts';

/** The forms in which an error can be told. */
export type BodyKind = 'html' | 'json' | 'text' | 'grpc' | 'kubernetes';

interface AcceptedRange {
  /** In lower case, without parameters. */
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/** What an `Accept` header can ask for. */
type AcceptedKind = Exclude<BodyKind, 'kubernetes'>;

// Ties are decided in this order: a visitor with a browser is served before a program that asked for everything.
const forVisitors: readonly AcceptedKind[] = ['html', 'json', 'text', 'grpc'];
const forScripts: readonly AcceptedKind[] = ['json', 'text', 'html', 'grpc'];

/**
 * Whether an anonymous client can follow a redirect to the sign-in page (302) or has to be told 401.
 * `query` is the request's, with or without its `?`: a session token in it counts like one in a header.
 */
export function canFollowSignIn(headers: HeaderList, query = ''): boolean {
  if (isGrpc(headers) || isScript(headers) || bringsSessionToken(headers, query)) return false;
  const kind = preferredKind(headers, forVisitors);
  return kind === undefined || kind === 'html';
}

/** The form of an error body that suits the client; HTML for whoever says nothing that can be understood. */
export function bodyKindFor(headers: HeaderList): BodyKind {
  if (isGrpc(headers)) return 'grpc';
  if (isKubectl(headers)) return 'kubernetes';
  // Nobody reads a page that a script fetched, and most scripts say `*/*`.
  return preferredKind(headers, isScript(headers) ? forScripts : forVisitors) ?? 'html';
}

function isGrpc(headers: HeaderList): boolean {
  return headerValues(headers, 'content-type').some((value) => value.trim().toLowerCase().startsWith('application/grpc'));
}

// What is built on client-go says so in this way. kubectl shows the message of a `Status`, and of every other error its bare text.
const kubernetesClient = /(?:^|[\s(])(?:kubectl|client-go|kubernetes)\//i;

function isKubectl(headers: HeaderList): boolean {
  return headerValues(headers, 'user-agent').some((value) => kubernetesClient.test(value));
}

function isScript(headers: HeaderList): boolean {
  if (headerValues(headers, 'x-requested-with').some((value) => value.trim().toLowerCase() === 'xmlhttprequest')) return true;
  return headerValues(headers, 'sec-fetch-mode').some((value) => value.trim().toLowerCase() !== 'navigate');
}

const sessionCredential = /^(?:pomerium |bearer pomerium-)/i;
const sessionParameter = /(?:^\??|&)pomerium_session=/;

/** A program that brought a token of its own would only be confused by a sign-in page. */
function bringsSessionToken(headers: HeaderList, query: string): boolean {
  if (headerValue(headers, 'x-pomerium-authorization') !== undefined) return true;
  if (headerValues(headers, 'authorization').some((value) => sessionCredential.test(value.trimStart()))) return true;
  return sessionParameter.test(query);
}

/** The kind with the highest quality, the first of `order` among equals; undefined when `Accept` says nothing that helps. */
function preferredKind(headers: HeaderList, order: readonly AcceptedKind[]): AcceptedKind | undefined {
  const ranges = parseAccept(headerValues(headers, 'accept').join(','));
  let best: AcceptedKind | undefined;
  let bestQuality = 0;
  for (const kind of order) {
    const quality = qualityOf(kind, ranges);
    if (quality > bestQuality) {
      best = kind;
      bestQuality = quality;
    }
  }
  return best;
}

/** The most specific range that covers a kind decides (RFC 9110 section 12.5.1): `text/html;q=0, *\/*` does not accept HTML. */
function qualityOf(kind: AcceptedKind, ranges: readonly AcceptedRange[]): number {
  const { type, covers } = mediaTypes[kind];
  const exact = ranges.filter((range) => range.type === type && covers(range.subtype));
  const family = ranges.filter((range) => range.type === type && range.subtype === '*');
  const everything = ranges.filter((range) => range.type === '*');
  const deciding = [exact, family, everything].find((candidates) => candidates.length > 0) ?? [];
  return Math.max(0, ...deciding.map((range) => range.quality));
}

interface MediaType {
  readonly type: string;
  readonly covers: (subtype: string) => boolean;
}

const mediaTypes: Readonly<Record<AcceptedKind, MediaType>> = {
  html: { type: 'text', covers: (subtype) => subtype === 'html' },
  json: { type: 'application', covers: (subtype) => subtype === 'json' },
  text: { type: 'text', covers: (subtype) => subtype === 'plain' },
  grpc: { type: 'application', covers: (subtype) => subtype.startsWith('grpc') },
};

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const mediaRange = new RegExp(`[ \\t]*(?:(${token})/(${token}))?`, 'y');
const parameter = new RegExp(`[ \\t]*;[ \\t]*(?:(${token})=(${token}|"(?:[^"\\\\]|\\\\.)*"))?`, 'y');
const elementEnd = /[ \t]*(?:,|$)/y;
const qualityValue = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Reads `Accept`. One range that can't be read spoils the whole, which then says nothing: a guess from the rest could turn
 * away a browser. Parameters other than `q` are not compared: there is one form of each type. Every step begins where the
 * last one ended and none is tried again, so a hostile value costs time in proportion to its length.
 */
function parseAccept(value: string): readonly AcceptedRange[] {
  const ranges: AcceptedRange[] = [];
  let at = 0;
  while (at < value.length) {
    const range = matchAt(mediaRange, value, at);
    let quality = '1';
    let found = range;
    while (found !== null) {
      at += found[0].length;
      found = matchAt(parameter, value, at);
      if (found?.[1]?.toLowerCase() === 'q') quality = found[2] ?? '';
    }
    const end = matchAt(elementEnd, value, at);
    if (end === null || !qualityValue.test(quality)) return [];
    at += end[0].length;
    const [, type, subtype] = range ?? [];
    // Empty elements of a list are to be ignored (RFC 9110 section 5.6.1).
    if (type === undefined || subtype === undefined) continue;
    if (type === '*' && subtype !== '*') return [];
    ranges.push({ type: type.toLowerCase(), subtype: subtype.toLowerCase(), quality: Number(quality) });
  }
  return ranges;
}

function matchAt(expression: RegExp, value: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(value);
}
