import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRequestLine } from '../../src/observe/request-line.ts';
import type { RequestRecord } from '../../src/observe/request-record.ts';

const record: RequestRecord = {
  id: '0198a2f0c3d4',
  receivedAt: Date.UTC(2026, 10, 21, 22, 47, 1, 5),
  durationMs: 12.345678,
  upstreamMs: 9.5,
  method: 'GET',
  host: 'app.example.com',
  path: '/a/b',
  status: 200,
  decision: 'allow',
  reasons: ['email-ok'],
  route: 'app',
  user: 'alice-id',
  email: 'alice@example.com',
  clientCertificateSha256: 'ab12',
  certificateDetail: null,
  certificateRule: null,
  remoteAddress: '127.0.0.1',
  protocol: 'h2',
  sni: 'app.example.com',
  failure: null,
  bytesSent: 500,
  further: undefined,
};

const writeRequestLine = createRequestLine();

function lineOf(changes: Partial<RequestRecord>): Record<string, unknown> {
  return JSON.parse(writeRequestLine({ ...record, ...changes })) as Record<string, unknown>;
}

describe('createRequestLine()', () => {
  it('writes every field under its name of the contract, and the time the answer was over', () => {
    assert.deepEqual(lineOf({}), {
      level: 'info',
      time: '2026-11-21T22:47:01.017Z',
      request_id: '0198a2f0c3d4',
      method: 'GET',
      host: 'app.example.com',
      path: '/a/b',
      status: 200,
      decision: 'allow',
      reasons: ['email-ok'],
      route: 'app',
      user: 'alice-id',
      email: 'alice@example.com',
      client_certificate_sha256: 'ab12',
      certificate_detail: null,
      certificate_rule: null,
      duration_ms: 12.346,
      upstream_ms: 9.5,
      remote_address: '127.0.0.1',
      protocol: 'h2',
      sni: 'app.example.com',
      bytes_sent: 500,
      failure: null,
      msg: 'request',
    });
  });

  it('writes null for what there is not, and an empty list', () => {
    const line = lineOf({ upstreamMs: null, route: null, user: null, email: null, clientCertificateSha256: null, sni: null, reasons: [] });
    assert.deepEqual(
      [line['upstream_ms'], line['route'], line['user'], line['email'], line['client_certificate_sha256'], line['sni'], line['reasons']],
      [null, null, null, null, null, null, []],
    );
  });

  it('leaves a query, a fragment and user information out of what was refused before it could be read', () => {
    const targets = ['/callback?code=sesame', '/a#code=sesame', 'https://name:sesame@host/x?code=sesame', 'name:sesame@host', '/users/a@b'];
    assert.deepEqual(
      targets.map((path) => lineOf({ path })['path']),
      ['/callback', '/a', 'https://host/x', 'host', '/users/a@b'],
    );
    assert.equal(lineOf({ host: 'name:sesame@app.example.com' })['host'], 'app.example.com');
  });

  it('keeps a line one line of harmless characters, whatever a client wrote', () => {
    const hostile = 'a"b\\c\n{"level":"error"}\u001b[2J\u009b2J\u007f\u2028\u202e\ud800é😀';
    const line = writeRequestLine({ ...record, method: hostile, host: hostile, sni: hostile, user: hostile, reasons: [hostile] });
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028\u202e\ud800-\udbff](?![\udc00-\udfff])/);
    const read = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual([read['method'], read['sni'], read['reasons']], [hostile, hostile, [hostile]]);
  });

  it('cuts what is longer than 2,048 characters', () => {
    assert.equal(lineOf({ path: `/${'a'.repeat(100_000)}` })['path'], `/${'a'.repeat(2047)}…`);
  });

  it('writes null for a duration that is no number', () => {
    assert.equal(lineOf({ upstreamMs: Number.NaN })['upstream_ms'], null);
  });

  it('writes further fields behind the others, as cut and as harmless as those', () => {
    const hostile = '"\n\u001b[2J\u2028\u202e';
    const further = {
      user_agent: 'curl',
      query: null,
      size: 5,
      headers: { 'X-A': hostile, [hostile]: 'a'.repeat(3000) },
      sans: ['a', hostile, null],
    };
    const line = writeRequestLine({ ...record, further });
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028\u202e]/);
    const expected = { ...further, headers: { 'X-A': hostile, [hostile]: `${'a'.repeat(2048)}…` } };
    assert.deepEqual(lineOf({ further }), { ...lineOf({}), ...expected });
  });
});
