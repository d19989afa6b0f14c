import assert from 'node:assert/strict';
import { createRequestLine } from '../../../src/observe/request-line.ts';
import type { RequestRecord } from '../../../src/observe/request-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * Lines of requests: whatever clients wrote, each is one line of JSON that no terminal acts on, holds what was written and no query, and
 * is the same whatever lines were written before it. In an input each line is a request, its values stand between `|`, `-` is none, and
 * `@2028@` is the character of that number, a lone surrogate too.
 */
export const logLine: FuzzTarget = {
  name: 'log-line',
  briefly: 3_000,
  meets: ['as it is', 'escaped', 'cut'],
  open: () => Promise.resolve({ seeds: [], make, check, [Symbol.asyncDispose]: closesNothing }),
};

const pieces = [
  '|', '|', '|', '|', '\n', '\n', '-', 'GET', 'a.test', 'b.test', '/', '/a', '?', '#', '@40@', '"', '\\', '\t', '\x1b[2J', '\x7f', '\x9b', '\xe9', '@a@', '@d@',
  '@2028@', '@202e@', '@2066@', '@d83d@@de00@', '@d800@', '@dc00@', '@fffd@', '(', 'https://u:p', 'a'.repeat(300), 'a'.repeat(2_050),
]; // prettier-ignore
const words = wordsOf(...pieces);

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.pick(known), { others: known, words });
  return Buffer.from(random.times(random.below(30), () => random.pick(pieces)).join(''), 'latin1');
}

function check(input: Buffer): string {
  const records = input
    .toString('latin1')
    .split('\n')
    .map((line) => recordOf(line.split('|').map(valueOf)));
  const write = createRequestLine();
  let outcome = 'as it is';
  // Twice: what is remembered of the first time must not show.
  for (const record of [...records, ...records]) {
    const line = write(record);
    assert.equal(line, createRequestLine()(record), 'what was written before shows');
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
    assert.ok(line.isWellFormed(), 'a lone surrogate is written');
    const read = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(read, expected(record));
    if (line.includes('…')) outcome = 'cut';
    else if (line.includes('\\') && outcome === 'as it is') outcome = 'escaped';
  }
  return outcome;
}

function valueOf(text: string): string | null {
  return text === '-' ? null : text.replace(/@([0-9a-f]{1,4})@/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function recordOf(values: readonly (string | null)[]): RequestRecord {
  const [path, host, method, user = null, email = null, sni = null, route = null, detail = null, ...reasons] = values;
  return {
    id: 'id',
    receivedAt: 0,
    durationMs: values.length,
    upstreamMs: null,
    method: method ?? '',
    host: host ?? '',
    path: path ?? '',
    status: 200 + values.length,
    decision: values.length > 3 ? 'allow' : 'deny',
    reasons: reasons.map((reason) => reason ?? ''),
    route,
    user,
    email,
    clientCertificateSha256: user,
    certificateDetail: detail,
    certificateRule: email,
    remoteAddress: sni ?? '::1',
    protocol: method ?? '',
    sni,
    failure: detail,
    bytesSent: values.length,
    further: undefined,
  };
}

function expected(record: RequestRecord): Record<string, unknown> {
  return {
    level: 'info',
    time: new Date(record.durationMs).toISOString(),
    request_id: 'id',
    method: cut(record.method),
    host: cut(withoutUser(record.host)),
    path: cut(withoutUser(record.path.split(/[?#]/)[0] ?? '')),
    status: record.status,
    decision: record.decision,
    reasons: record.reasons.map(cut),
    route: cut(record.route),
    user: cut(record.user),
    email: cut(record.email),
    client_certificate_sha256: cut(record.clientCertificateSha256),
    certificate_detail: cut(record.certificateDetail),
    certificate_rule: cut(record.certificateRule),
    duration_ms: record.durationMs,
    upstream_ms: null,
    remote_address: cut(record.remoteAddress),
    protocol: cut(record.protocol),
    sni: cut(record.sni),
    bytes_sent: record.bytesSent,
    failure: cut(record.failure),
    msg: 'request',
  };
}

function cut(value: string | null): string | null {
  return value !== null && value.length > 2048 ? `${value.slice(0, 2048)}…` : value;
}

function withoutUser(target: string): string {
  const slash = target.indexOf('/', /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(target)?.[0].length ?? 0);
  const authority = slash === -1 ? target : target.slice(0, slash);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(authority)?.[0] ?? '';
  const at = authority.lastIndexOf('@');
  return target.startsWith('/') || at === -1 ? target : scheme + target.slice(at + 1);
}
