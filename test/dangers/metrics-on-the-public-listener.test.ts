import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const paths = [
  '/metrics',
  '/debug/pprof/',
  '/debug/pprof/heap',
  '/debug/vars',
  '/debug',
  '/readyz',
  '/startupz',
  '/status',
  '/config_dump',
  '/stats',
  '/clusters',
  '/admin',
  '/.pomerium/metrics',
  '/.pomerium/admin',
  '/.pomerium/api',
  '/.well-known/pomerium/metrics',
];

/** What operators look at was open to everybody (Pomerium CVE-2022-24797): it has addresses of its own, and those lead to nothing else. */
describe('the doors of operators and those of visitors', () => {
  let street: Street;
  let upstream: Recorder;
  let metricsPort: number;

  before(async () => {
    upstream = await openRecorder();
    metricsPort = await freePort();
    street = await openStreet(`
metrics_address: 127.0.0.1:${metricsPort}
routes:
  - {from: https://closed.postern.test, to: ${upstream.url}, policy: {deny: {or: [accept: true]}}}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`);
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('tell a visitor nothing, on no host', async () => {
    for (const path of paths) {
      const ours = path.startsWith('/.');
      for (const [host, status] of [
        ['closed', ours ? 404 : 403],
        ['auth', 404],
        ['unknown', 404],
        ['public', ours ? 404 : 200],
      ] as const) {
        upstream.clear();
        const lines = [`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`, 'Accept: text/plain', 'X-Forwarded-For: 127.0.0.1'];
        const answer = await askRaw(street.house, requestText(lines), { sni: `${host}.postern.test` });
        assert.deepEqual([answer?.status, upstream.bytes() !== ''], [status, status === 200], `${host}${path}`);
        assert.doesNotMatch(answer?.body ?? '', /postern_|nodejs_|process_|heap|config/i);
      }
    }
  });

  it('lead an operator’s client to no route, whatever host it names', async () => {
    for (const target of ['/', '/page', '/metrics/../page', '/.pomerium/', 'http://public.postern.test/page', '//public.postern.test/'])
      for (const method of ['GET', 'POST', 'CONNECT']) {
        const { status, body } = await askMetrics(method, target);
        assert.ok(status === 0 || status >= 400, `${method} ${target}: ${status}`);
        assert.doesNotMatch(body, /postern_/);
      }
    assert.equal(upstream.bytes(), '');
    assert.match((await askMetrics('GET', '/metrics')).body, /^postern_requests_total/m, 'the one thing that is there');
  });

  function askMetrics(method: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: metricsPort, method, path, headers: { host: 'public.postern.test' }, agent: false };
      const asked = request(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      asked.on('connect', (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, body: '' });
      });
      asked.on('error', () => resolve({ status: 0, body: '' }));
      asked.end();
    });
  }
});
