import assert from 'node:assert/strict';
import type { Connection } from '../../../src/http/connection.ts';
import type { Inbound } from '../../../src/http/inbound.ts';
import { defaultInboundRules } from '../../../src/http/inbound-rules.ts';
import type { InboundParts } from '../../../src/listener/read-inbound.ts';
import { readInbound } from '../../../src/listener/read-inbound.ts';
import { splitHttp1Headers, splitHttp2Headers } from '../../../src/listener/wire-parts.ts';
import { request } from '../../identity/request.ts';
import { randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * One request, written as HTTP/1.1 and as HTTP/2: it is the same request, or one of the two protocols forbids what was written. An input
 * has lines: method, target, authority, and a field on each further one.
 */
export const headerLists: FuzzTarget = {
  name: 'header-lists',
  briefly: 6_000,
  meets: ['the same', 'refused alike', 'HTTP/2 refuses connection fields'],
  open: () => Promise.resolve({ seeds: [], make, check, [Symbol.asyncDispose]: closesNothing }),
};

const names = [
  'host', 'content-length', 'transfer-encoding', 'te', 'connection', 'upgrade', 'expect', 'cookie', 'authorization', 'x-a', 'x_a', 'content_length', 'http2-settings',
  'keep-alive', 'proxy-connection', ':path', ':authority', '', 'a b', 'origin', 'sec-websocket-key', 'sec-websocket-version', 'x-forwarded-for', '__proto__',
]; // prettier-ignore
const values = ['', 'a.test', 'A.test', 'b.test', '0', '5', '5, 5', '+5', 'chunked', 'trailers', 'gzip', 'close', 'upgrade', 'websocket', 'h2c', '100-continue', '13', 'a=b', '\xe9', 'a\tb', 'a\0b', 'a\rb']; // prettier-ignore
const words = wordsOf('\n', ': ', ...names, ...values);

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.pick(known), { others: known, words });
  const fields = random.times(random.below(5), () => `${random.pick(names)}: ${random.pick(values)}`);
  const method = random.pick(['GET', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'get', '']);
  const target = random.pick(['/', '/a?b', '/a/../b', '*', 'https://a.test/', '//b', '/%2f', '']);
  return Buffer.from([method, target, random.pick(['a.test', 'a.test:443', 'a.test, b.test', '']), ...fields].join('\n'), 'latin1');
}

const { connection } = request('https://a.test/');

function check(input: Buffer): string {
  const [method = '', target = '', authority = '', ...lines] = input.toString('latin1').split('\n');
  const fields = lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
  });
  // HTTP/2 has names in lower case only, and a pseudo field among the others is none of HTTP/1.1.
  const lower = fields.map((text, index) => (index % 2 === 0 ? text.toLowerCase().replace(/^:+/, '') : text));
  const one = readInbound(
    { ...partsOf('http/1.1', connection), method, rawTarget: target, ...splitHttp1Headers(['Host', authority, ...lower]) },
    defaultInboundRules,
  );
  const pseudo = [':method', method, ':path', target, ':scheme', 'https', ':authority', authority];
  const two = readInbound({ ...partsOf('h2', connection), ...splitHttp2Headers([...pseudo, ...lower]) }, defaultInboundRules);
  if (!('kind' in one)) assertFramed(lower);
  assertSameInAnyOrder(lower, authority, { method, target });
  if (!('kind' in one) && !('kind' in two)) {
    assert.deepEqual({ ...two, protocol: '' }, { ...one, protocol: '' }, 'another request');
    return 'the same';
  }
  if ('kind' in one && 'kind' in two) return 'refused alike';
  if ('kind' in two) {
    assert.ok(two.kind === 'refused' && hasConnectionField(lower), `only HTTP/2 refuses it: ${two.reason}`);
    return 'HTTP/2 refuses connection fields';
  }
  // `:authority` and an equal `host` are one name there; in HTTP/1.1 they are two fields.
  assert.ok(
    'kind' in one && one.reason === 'header-duplicate' && valuesOf(lower, 'host').every((value) => value === authority),
    `only HTTP/1.1 refuses it: ${'kind' in one ? one.reason : ''}`,
  );
  return 'HTTP/2 joins two equal names';
}

function valuesOf(fields: readonly string[], wanted: string): readonly string[] {
  return fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === wanted);
}

/** Of two framings another reader may take the other one. */
function assertFramed(fields: readonly string[]): void {
  const [lengths, codings, hosts] = ['content-length', 'transfer-encoding', 'host'].map((name) => valuesOf(fields, name));
  assert.ok((lengths ?? []).length + (codings ?? []).length < 2, 'two framings are taken');
  assert.deepEqual(hosts, [], 'two authorities are taken');
  assert.ok(
    (lengths ?? []).every((value) => /^\d+$/.test(value)) && (codings ?? []).every((value) => /^chunked$/i.test(value)),
    'a framing that is none',
  );
}

function partsOf(protocol: Inbound['protocol'], over: Connection): Pick<InboundParts, 'id' | 'receivedAt' | 'protocol' | 'connection'> {
  return { id: 'fuzz', receivedAt: 0, protocol, connection: over };
}

function hasConnectionField(fields: readonly string[]): boolean {
  return fields.some(
    (name, index) =>
      index % 2 === 0 && /^(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|http2-settings)$/.test(name),
  );
}

/** Whether a request is refused, and what for whom, must not hang on the order of fields with different names. */
function assertSameInAnyOrder(
  fields: readonly string[],
  authority: string,
  { method, target }: Readonly<Record<'method' | 'target', string>>,
): void {
  const pairs = Array.from({ length: fields.length / 2 }, (_, index) => [fields[2 * index] ?? '', fields[2 * index + 1] ?? ''] as const);
  const random = randomOf(Buffer.from(fields.join('\n')));
  const shuffled = pairs.map((pair) => ({ pair, at: random.next() })).toSorted((a, b) => a.at - b.at);
  const read = (list: readonly string[]): boolean => {
    const parts = { ...partsOf('http/1.1', connection), method, rawTarget: target, ...splitHttp1Headers(['Host', authority, ...list]) };
    return 'kind' in readInbound(parts, defaultInboundRules);
  };
  assert.equal(read(shuffled.flatMap(({ pair }) => pair)), read(fields), 'the order of the fields decides');
}
