import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { defaultInboundRules } from '../../src/http/inbound-rules.ts';
import { connectPlain, exchangePlain, exchangeRaw, readToEnd } from './raw-client.ts';
import type { TestListener, TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

describe('redirectToHttps()', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function listening(options: Partial<TestListenerOptions> = {}): Promise<TestListener> {
    return startListener({ groups: makeGroups(pki, [['plain.test', 'none']]), redirects: true, ...options });
  }

  it('sends everybody to https, without the port, with path and query as sent', async () => {
    await using server = await listening();
    const cases = [
      ['/', 'plain.test', '301 https://plain.test/'],
      ['/a/../b//c?x=%2f&y=//z', 'plain.test:8080', '301 https://plain.test/a/../b//c?x=%2f&y=//z'],
      ['//evil.test/x', 'Plain.Test.', '301 https://plain.test//evil.test/x'],
      ['/%41?', '127.0.0.1:80', '301 https://127.0.0.1/%41?'],
      ['/', '[::1]:80', '301 https://[::1]/'],
      ['/', 'unknown.example', '301 https://unknown.example/'],
    ] as const;
    for (const [target, host, expected] of cases) assert.equal(await ask(server, target, host), expected);
    for (const method of ['HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND'])
      assert.equal(await ask(server, '/x', 'plain.test', method), '301 https://plain.test/x');
    assert.deepEqual(
      [...new Set(server.refusals.map(({ kind, reason, connection }) => `${kind} ${reason} ${connection.scheme}`))],
      ['redirected https-required http'],
    );
  });

  it('refuses what would be refused behind TLS, and reflects no malformed host', async () => {
    await using server = await listening();
    assert.equal(await ask(server, '/a%2fb'), '400 path-escaped-slash');
    assert.equal(await ask(server, '/a\\b'), '400 path-invalid');
    assert.equal(await ask(server, '/', 'plain.test', 'GET', 'Host: evil.test\r\n'), '400 header-duplicate');
    assert.equal(await ask(server, '/', 'plain.test', 'GET', 'X_A: 1\r\n'), '400 header-underscore');
    assert.equal(await ask(server, '/', 'plain.test', 'TRACE'), '405 method-refused');
    for (const host of [
      '',
      'evil.test/',
      'a@evil.test',
      'plain.test:80:80',
      'plain.test, evil.test',
      'plain.test:',
      'a b',
      'plain.test?x',
      'plain.test#',
    ])
      assert.equal(await ask(server, '/', host), '400 host-invalid', host);
    for (const target of ['http://evil.test/', '*']) assert.equal(await ask(server, target), '400 target-invalid', target);
    assert.match(await exchangePlain(server.redirectPort, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400[^]*host-invalid$/);
    assert.match(
      await exchangePlain(server.redirectPort, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n'),
      /^HTTP\/1\.1 400[^]*target-invalid$/,
    );
  });

  it('goes by the rules in force, and straight to https where two redirects would be one too many', async () => {
    let rules = { ...defaultInboundRules, escapedSlashes: 'keep_unchanged' as string };
    await using server = await listening({ inboundRules: () => rules as typeof defaultInboundRules });
    assert.equal(await ask(server, '/a%2fb'), '301 https://plain.test/a%2fb');
    rules = { ...defaultInboundRules, escapedSlashes: 'unescape_and_redirect' };
    assert.equal(await ask(server, '/a%2fb'), '301 https://plain.test/a%2fb');
    rules = defaultInboundRules;
    assert.equal(await ask(server, '/a%2fb'), '400 path-escaped-slash');
  });

  it('serves nothing: no upgrade, no body, no second request', async () => {
    await using server = await listening({
      onRequest: () => assert.fail('a request got through'),
      onUpgrade: () => assert.fail('an upgrade got through'),
    });
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
    assert.equal(await ask(server, '/', 'plain.test', 'GET', upgrade), '301 https://plain.test/');
    const two = await exchangePlain(
      server.redirectPort,
      'GET /1 HTTP/1.1\r\nHost: plain.test\r\n\r\nGET /2 HTTP/1.1\r\nHost: plain.test\r\n\r\n',
    );
    assert.deepEqual(two.match(/Location: .*/g), ['Location: https://plain.test/1']);
    const expecting = await exchangePlain(
      server.redirectPort,
      'POST / HTTP/1.1\r\nHost: plain.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    );
    assert.match(expecting, /^HTTP\/1\.1 301 /);
    assert.match(
      await exchangePlain(
        server.redirectPort,
        `POST / HTTP/1.1\r\nHost: plain.test\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
      ),
      /^HTTP\/1\.1 301 /,
    );
    assert.equal(server.refusals.length, 4);
  });

  it('speaks HTTP/1.1 alone, and not for long to those who are slow', async () => {
    await using server = await listening({ limits: { headMs: 60, checkEveryMs: 10 } });
    assert.match(await exchangePlain(server.redirectPort, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), /^HTTP\/1\.1 400/);
    assert.match(await exchangePlain(server.redirectPort, '\x16\x03\x01\x02\0\x01'), /^HTTP\/1\.1 400/);
    assert.match(await exchangePlain(server.redirectPort, ''), /^HTTP\/1\.1 408/);
    assert.match(await exchangePlain(server.redirectPort, 'GET / HTTP/1.1\r\nHost: pl'), /^HTTP\/1\.1 408/);
    assert.match(await exchangePlain(server.redirectPort, `GET / HTTP/1.1\r\nX: ${'x'.repeat(140_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
  });

  it('stands beside a listener that serves, is counted with it, and drains with it', async () => {
    await using server = await listening({ proxyProtocol: false });
    assert.match(await exchangeRaw(server.port, 'GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n'), /200 OK/);
    assert.equal(await ask(server, '/'), '301 https://plain.test/');
    const idle = await connectPlain(server.redirectPort);
    const end = readToEnd(idle);
    while (server.counts.length < 5) await new Promise(setImmediate);
    assert.deepEqual(server.counts, [1, 0, 1, 0, 1]);
    await server.listener.drain(10_000);
    assert.equal(await end, '');
    await assert.rejects(connectPlain(server.redirectPort), { code: 'ECONNREFUSED' });
  });
});

/** Status, `Location` and whether the connection ends, of one request. */
async function ask(server: TestListener, target: string, host = 'plain.test', method = 'GET', rest = ''): Promise<string> {
  const answer = await exchangePlain(server.redirectPort, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${rest}\r\n`);
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  assert.match(answer, /\r\nConnection: close\r\n/);
  return `${status} ${/^Location: (.*)$/m.exec(answer)?.[1]?.trimEnd() ?? answer.split('\r\n\r\n')[1]}`;
}
