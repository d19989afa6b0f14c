import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';

/**
 * Headers that say where a request came from, what it is and who sends it (authentik CVE-2024-47070 and CVE-2023-36456, oauth2-proxy
 * CVE-2026-34457 and CVE-2026-40575): never what a decision goes by.
 */
describe('headers that lie about where a request came from', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `
routes:
  - {from: https://office.postern.test, to: ${upstream.url}, policy: {allow: {or: [source_ip: 10.0.0.0/8]}}}
  - {from: https://outside.postern.test, to: ${upstream.url}, policy: {allow: {or: [accept: true]}, deny: {or: [source_ip: 127.0.0.0/8]}}}
  - {from: https://read.postern.test, to: ${upstream.url}, policy: {allow: {and: [http_method: {is: GET}, http_path: {is: /open}]}}}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const addresses = [
    '10.0.0.1',
    '10.0.0.1, 10.0.0.2',
    '::ffff:10.0.0.1',
    '[::1]:80',
    'garbage',
    '',
    '10.0.0.1\t',
    '999.1.1.1',
    '"10.0.0.1"',
  ];
  const names = [
    'X-Forwarded-For',
    'x-forwarded-for',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Envoy-External-Address',
    'Forwarded',
  ];

  async function statusOf(host: string, ...lines: readonly string[]): Promise<number | undefined> {
    const [first = '', ...rest] = lines[0]?.endsWith('HTTP/1.1') === true ? lines : ['GET /page HTTP/1.1', ...lines];
    return (await askRaw(house, requestText([first, `Host: ${host}.postern.test`, ...rest]), { sni: `${host}.postern.test` }))?.status;
  }

  for (const name of names) {
    it(`decide nothing: ${name}`, async () => {
      for (const address of addresses) {
        const line = `${name}: ${name === 'Forwarded' ? 'for=' : ''}${address}`;
        assert.deepEqual(
          [await statusOf('office', line), await statusOf('outside', line), await statusOf('office', line, line)],
          [403, 403, 403],
          line,
        );
      }
      assert.equal(upstream.bytes(), '');
    });
  }

  it('stand at most before the peer in X-Forwarded-For', async () => {
    assert.equal(
      await statusOf(
        'public',
        'X-Forwarded-For: 10.0.0.1',
        'X-Forwarded-For: "><x>, 999.1.1.1',
        'X-Forwarded-Proto: http',
        'Forwarded: for=10.0.0.1',
      ),
      200,
    );
    assert.deepEqual(
      fieldsAt(upstream).filter(([name]) => name.includes('forwarded')),
      [
        ['x-forwarded-for', '10.0.0.1,"><x>, 999.1.1.1,127.0.0.1'],
        ['x-forwarded-proto', 'https'],
        ['x-forwarded-host', 'public.postern.test'],
      ],
    );
  });

  const shortcuts: readonly (readonly [status: number, ...lines: string[]])[] = [
    [403, 'GET /page HTTP/1.1', 'X-Forwarded-Uri: /open', 'X-Original-URL: /open', 'X-Rewrite-URL: /open', 'X-Original-URI: /.pomerium/'],
    [403, 'POST /open HTTP/1.1', 'Content-Length: 0', 'X-HTTP-Method-Override: GET', 'X-HTTP-Method: GET', 'X-Method-Override: GET'],
    [403, 'POST /open?_method=GET HTTP/1.1', 'Content-Length: 0', 'X-Forwarded-Method: GET'],
    [403, 'OPTIONS /page HTTP/1.1', 'Origin: https://evil.example', 'Access-Control-Request-Method: GET'],
    [403, 'HEAD /page HTTP/1.1', 'Connection: close'],
    [403, 'GET /page HTTP/1.1', 'User-Agent: GoogleHC/1.0'],
    [403, 'GET /page HTTP/1.1', 'User-Agent: kube-probe/1.30'],
    [403, 'GET /page HTTP/1.1', 'User-Agent: ELB-HealthChecker/2.0'],
    [403, 'GET /.well-known/acme-challenge/x HTTP/1.1'],
    [403, 'GET /favicon.ico HTTP/1.1'],
    [200, 'GET /robots.txt HTTP/1.1'],
    [200, 'GET /healthz HTTP/1.1'],
  ];

  for (const [status, ...lines] of shortcuts) {
    it(`open no shortcut: ${lines.join(', ')}`, async () => {
      assert.equal(await statusOf('read', ...lines), status);
      assert.equal(upstream.bytes(), '');
    });
  }

  it('reach no application that would obey them', async () => {
    await statusOf(
      'public',
      'X-HTTP-Method-Override: DELETE',
      'X-Original-URL: /admin',
      'X-Envoy-Original-Path: /admin',
      'X-Forwarded-Prefix: /admin',
      'Proxy: evil',
    );
    assert.doesNotMatch(upstream.bytes(), /DELETE|admin|evil/);
  });
});
