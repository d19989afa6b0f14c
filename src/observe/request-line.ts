import { jsonText } from './json-text.ts';
import type { TextParts } from './remember-texts.ts';
import { rememberTexts } from './remember-texts.ts';
import type { LogValue, RequestRecord } from './request-record.ts';
import { createTimeText } from './time-text.ts';

const longest = 2048;

/**
 * Makes a writer of the log lines of requests, without a newline. They are put together by hand, of few pieces: one is written for every
 * request, and a general logger takes many times as long. The query, user information and anything longer than 2,048 characters are
 * left out.
 */
export function createRequestLine(): (record: RequestRecord) => string {
  const { begin, asked, decided, who, from } = rememberedPieces();
  return (record) =>
    `${begin(record.receivedAt + record.durationMs)}${record.id}${asked([record.host, record.method])}` +
    `${innerPath(record.path)}${decided([record.route, record.decision, String(record.status), ...record.reasons])}` +
    who([record.user, record.email, record.clientCertificateSha256, record.certificateDetail, record.certificateRule]) +
    `${number(record.durationMs)},"upstream_ms":${number(record.upstreamMs)}` +
    `${from([record.remoteAddress, record.protocol, record.sni])}${record.bytesSent}${endOf(record)}`;
}

/** What is often the same is remembered together with the names around it; each piece reaches up to the value that comes behind it. */
function rememberedPieces(): Pieces {
  return {
    begin: createTimeText((time) => `{"level":"info","time":"${time}","request_id":"`),
    asked: rememberTexts(
      ([host = null, method = null]) => `","method":${text(method)},"host":${text(withoutUserInformation(host ?? ''))},"path":"`,
    ),
    decided: rememberTexts(
      ([route = null, decision = null, status = null, ...reasons]) =>
        `","status":${status},"decision":${text(decision)},"reasons":${list(reasons)},"route":${text(route)}`,
    ),
    who: rememberTexts(
      ([user = null, email = null, sha256 = null, detail = null, rule = null]) =>
        `,"user":${text(user)},"email":${text(email)},"client_certificate_sha256":${text(sha256)}` +
        `,"certificate_detail":${text(detail)},"certificate_rule":${text(rule)},"duration_ms":`,
    ),
    from: rememberTexts(
      ([remoteAddress = null, protocol = null, sni = null]) =>
        `,"remote_address":${text(remoteAddress)},"protocol":${text(protocol)},"sni":${text(sni)},"bytes_sent":`,
    ),
  };
}

interface Pieces {
  readonly begin: (at: number) => string;
  readonly asked: (parts: TextParts) => string;
  readonly decided: (parts: TextParts) => string;
  readonly who: (parts: TextParts) => string;
  readonly from: (parts: TextParts) => string;
}

function endOf({ failure, further }: RequestRecord): string {
  if (failure === null && further === undefined) return ',"failure":null,"msg":"request"}';
  return `,"failure":${text(failure)}${further === undefined ? '' : `,${members(further)}`},"msg":"request"}`;
}

function members(fields: { readonly [name: string]: LogValue }): string {
  return Object.entries(fields)
    .map(([name, value]) => `${text(name)}:${json(value)}`)
    .join(',');
}

function json(value: LogValue): string {
  if (typeof value === 'string' || value === null) return text(value);
  if (typeof value === 'number') return number(value);
  return isList(value) ? `[${value.map(json).join(',')}]` : `{${members(value)}}`;
}

function isList(value: LogValue): value is readonly LogValue[] {
  return Array.isArray(value);
}

function text(value: string | null): string {
  return value === null ? 'null' : jsonText(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

function list(values: readonly (string | null)[]): string {
  return values.length === 0 ? '[]' : `[${values.map(text).join(',')}]`;
}

function number(value: number | null): string {
  return value === null || !Number.isFinite(value) ? 'null' : String(Math.round(value * 1000) / 1000);
}

// What needs no quoting, holds no query and no fragment, and begins like no authority.
const plainPath = /^\/[\w!$%&'()*+,./:;=@~-]*$/;

/** Between its quotes. */
function innerPath(path: string): string {
  return path.length <= longest && plainPath.test(path) ? path : text(withoutQuery(path)).slice(1, -1);
}

/** A canonical path holds no `?`; a target that was refused may, and a query may hold an authorization code. */
function withoutQuery(path: string): string {
  const end = path.search(/[?#]/);
  return withoutUserInformation(end === -1 ? path : path.slice(0, end));
}

/** `https://name:password@host/` is refused, but logged. A path may hold `@`, so only what stands before the first `/` of an authority goes. */
function withoutUserInformation(target: string): string {
  if (target.startsWith('/') || !target.includes('@')) return target;
  return target.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/]*@/, '$1');
}
