import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RawAnswer } from './raw-client.ts';
import { askRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Another site asks in the visitor's name (CVE-2025-54286): an image, a form, a script. Nothing is changed by it. */
describe('a sign-out that the visitor did not ask for', () => {
  let street: Street;
  let cookie: string;

  before(async () => {
    // Nothing listens there: a session is asked after by a page of Postern's own.
    street = await openStreet('routes: [{from: https://app.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}]');
    cookie = await street.cookieAt('app');
  });

  after(() => street[Symbol.asyncDispose]());

  function ask(start: string, ...lines: readonly string[]): Promise<RawAnswer | undefined> {
    const own = [`${start} HTTP/1.1`, `Host: ${street.authority('app')}`, `Cookie: ${cookie}`];
    return askRaw(street.house, requestText([...own, ...lines]), { sni: 'app.postern.test' });
  }

  const post = 'POST /.pomerium/sign_out';
  const get = 'GET /.pomerium/sign_out';
  const form = 'Content-Length: 0';
  const attempts: readonly (readonly [status: number, start: string, ...lines: string[]])[] = [
    [200, get, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'],
    [200, get, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'],
    [200, get, 'Sec-Fetch-Site: CROSS-SITE'],
    [200, get, 'Sec-Fetch-Site: anything'],
    [200, get, 'Sec-Fetch-Site:'],
    [200, get, 'Sec-Fetch-Site: none', 'Sec-Purpose: prefetch'],
    [200, get, 'Sec-Fetch-Site: none', 'Sec-Purpose: prefetch;prerender'],
    [200, 'HEAD /.pomerium/sign_out', 'Sec-Fetch-Site: none'],
    [400, get, 'Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site'],
    [403, post, form, 'Sec-Fetch-Site: cross-site', 'Origin: https://evil.example'],
    [403, post, form, 'Sec-Fetch-Site: cross-site'],
    [403, post, form, 'Origin: https://evil.example'],
    [403, post, form, 'Origin: null'],
    [403, post, form, 'Origin: http://app.postern.test'],
    [403, post, form, 'Origin: https://app.postern.test.evil.example'],
    [400, post, form, 'Origin: https://evil.example', 'Origin: https://app.postern.test'],
    [405, 'PUT /.pomerium/sign_out', form],
    [405, 'DELETE /.pomerium/sign_out'],
    [405, 'OPTIONS /.pomerium/sign_out', 'Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
    [404, 'GET /.pomerium/sign_out/'],
  ];

  for (const [status, start, ...lines] of attempts) {
    it(`changes nothing: ${[start, ...lines].join(', ')}`, async () => {
      const answer = await ask(start, ...lines, 'Connection: close');
      assert.equal(answer?.status, status);
      assert.doesNotMatch(answer.head, /^set-cookie:|^access-control-allow/im);
      assert.equal((await ask('GET /.pomerium/user'))?.status, 200, 'still signed in');
    });
  }

  it('offers one form on a page that no other site can frame', async () => {
    const answer = await ask(get, 'Sec-Fetch-Site: cross-site');
    assert.equal([...(answer?.body ?? '').matchAll(/<form\b/g)].length, 1);
    assert.match(answer?.head ?? '', /^content-security-policy: default-src 'none';.*frame-ancestors 'none'/im);
  });

  it('is one when the visitor presses the button', async () => {
    const answer = await ask(post, form, `Origin: ${street.url('app', '')}`, 'Sec-Fetch-Site: same-origin');
    assert.equal(answer?.status, 302);
    assert.equal((await ask('GET /.pomerium/user', 'Accept: application/json'))?.status, 401);
  });
});
