import { jsonText } from './json-text.ts';
import type { LogValue, RequestRecord } from './request-record.ts';

const longest = 2048;

/**
 * The log line of one request, without a newline. Put together by hand: it is written for every request, and a general logger takes
 * several times as long. The query, user information and anything longer than 2,048 characters are left out.
 */
export function writeRequestLine(record: RequestRecord): string {
  return (
    `{"level":"info","time":"${new Date(record.receivedAt + record.durationMs).toISOString()}","request_id":${text(record.id)}` +
    `,"method":${text(record.method)},"host":${text(withoutUserInformation(record.host))},"path":${text(withoutQuery(record.path))}` +
    `,"status":${record.status},"decision":"${record.decision}","reasons":${list(record.reasons)},"route":${textOrNull(record.route)}` +
    `,"user":${textOrNull(record.user)},"email":${textOrNull(record.email)}` +
    `,"client_certificate_sha256":${textOrNull(record.clientCertificateSha256)},"certificate_detail":${textOrNull(record.certificateDetail)}` +
    `,"certificate_rule":${textOrNull(record.certificateRule)}` +
    `,"duration_ms":${number(record.durationMs)},"upstream_ms":${number(record.upstreamMs)}` +
    `,"remote_address":${text(record.remoteAddress)},"protocol":${text(record.protocol)},"sni":${textOrNull(record.sni)}` +
    `,"bytes_sent":${record.bytesSent},"failure":${textOrNull(record.failure)}${further(record)},"msg":"request"}`
  );
}

function further({ further: fields }: RequestRecord): string {
  return fields === undefined ? '' : `,${members(fields)}`;
}

function members(fields: { readonly [name: string]: LogValue }): string {
  return Object.entries(fields)
    .map(([name, value]) => `${text(name)}:${json(value)}`)
    .join(',');
}

function json(value: LogValue): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return number(value);
  if (value === null) return 'null';
  return isList(value) ? `[${value.map(json).join(',')}]` : `{${members(value)}}`;
}

function isList(value: LogValue): value is readonly LogValue[] {
  return Array.isArray(value);
}

function text(value: string): string {
  return jsonText(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

function textOrNull(value: string | null): string {
  return value === null ? 'null' : text(value);
}

function list(values: readonly string[]): string {
  if (values.length === 0) return '[]';
  return `[${values.map(text).join(',')}]`;
}

function number(value: number | null): string {
  return value === null || !Number.isFinite(value) ? 'null' : String(Math.round(value * 1000) / 1000);
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
