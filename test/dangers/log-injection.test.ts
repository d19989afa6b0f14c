import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { askRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';
import { locationOf, signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** What a visitor writes into a log must not look like another line of it, move an operator's cursor, or hold a secret. */
describe('log lines about hostile requests', () => {
  let street: Street;

  before(async () => {
    street = await openStreet(`
log_level: debug
routes:
  - {from: https://app.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}
  - {from: https://public.postern.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}
`);
  });

  after(() => street[Symbol.asyncDispose]());

  const targets = [
    '/a%0d%0a{"level":"info","msg":"forged"}',
    '/a%1b[2J%1b]0;title%07',
    '/"},{"level":"info","msg":"forged"',
    '/\\"\\n\\u001b',
    '/\x9b31mred\x85\x84',
    '/\xe2\x80\xa8\xe2\x80\xa9',
    '/\xef\xbf\xbe%e2%80%ae',
    '/%c2%9b31m',
    'http://user:hunter2-secret@evil.example/',
    '*',
  ];

  it('are one object each, printable to the last character', async () => {
    const host = `Host: ${street.authority('public')}`;
    for (const target of targets) {
      await askRaw(street.house, requestText([`GET ${target} HTTP/1.1`, host, 'User-Agent: "\\u001b[31m', 'Connection: close']));
      await askForged(street.house, [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', street.authority('public')],
        [':path', target],
      ]);
      await askRaw(street.house, requestText(['GET / HTTP/1.1', `Host: ${target}`]));
    }
    await askRaw(street.house, requestText(['G{"}T / HTTP/1.1', host]));
    await askRaw(street.house, requestText(['M-SEARCH / HTTP/1.1', host, 'Connection: close']));
    await askRaw(street.house, requestText(['GET / HTTP/1.1', host, 'Connection: close']), { sni: 'xn--a_b.postern.test' }).catch(
      () => undefined,
    );
    await street.house.logLine((line) => line['method'] === 'M-SEARCH');
    for (const line of street.house.rawLog) {
      // C0, DEL, C1, line and paragraph separators, and what turns the direction of text.
      // oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
      assert.doesNotMatch(line.replace(/\n$/, ''), /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      assert.notEqual((JSON.parse(line) as { msg?: unknown }).msg, 'forged');
    }
  });

  it('hold no password, cookie, token, code, state or query', async () => {
    const steps = signInSteps(street);
    const page = street.url('public', '/page?secret-in-query=1');
    const signIn = await steps.ask(street.url('app', '/page?secret-in-query=1'));
    const atProvider = await steps.begin(signIn);
    const callback = await steps.authenticate(atProvider);
    const handOver = await steps.finish(callback);
    assert.equal(locationOf(await steps.visitor.visit(handOver), handOver), street.url('app', '/page?secret-in-query=1'));
    await steps.visitor.visit(handOver);
    await steps.visitor.visit(callback);
    await steps.visitor.visit(callback.replace('state=', 'state=x'));
    const lines = [
      'Authorization: Bearer bearer-secret',
      'Cookie: theirs=cookie-secret',
      'X-Pomerium-Authorization: header-secret',
      'Proxy-Authorization: Basic proxy-secret',
    ];
    const bad = requestText([
      `GET ${new URL(page).pathname}?secret-in-query HTTP/1.1`,
      `Host: ${street.authority('public')}`,
      ...lines,
      'Connection: close',
    ]);
    await askRaw(street.house, bad);
    await askRaw(street.house, bad.replace('Cookie:', 'X_A: b\r\nCookie:'));
    await askRaw(street.house, bad.replace('Cookie:', 'X-A : b\r\nCookie:'));
    const secrets = [
      'bearer-secret',
      'cookie-secret',
      'header-secret',
      'proxy-secret',
      'hunter2-secret',
      'secret-in-query',
      'not-a-secret',
      ...['code', 'state'].map((name) => new URL(callback).searchParams.get(name)),
      ...['pomerium_signature', 'pomerium_session_encrypted'].map((name) => new URL(handOver).searchParams.get(name)),
      ...['nonce', 'code_challenge'].map((name) => new URL(atProvider).searchParams.get(name)),
      ...['app', 'auth'].flatMap((host) =>
        steps.visitor.jar
          .cookies(street.url(host))
          .split('; ')
          .map((pair) => pair.slice(pair.indexOf('=') + 1)),
      ),
    ];
    await street.house.logLine((line) => line['path'] === '/page' && line['host'] === 'public.postern.test' && line['status'] === 503);
    const log = street.house.rawLog.join('');
    for (const secret of secrets) {
      assert.ok(secret !== null && secret.length > 8, 'a secret to look for');
      assert.equal(log.includes(secret), false, `the log holds ${secret}`);
    }
  });
});
