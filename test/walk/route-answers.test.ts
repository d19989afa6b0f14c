import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectRaw } from '../dangers/raw-client.ts';
import { explained } from '../dangers/explained.ts';
import type { House } from './house.ts';
import { ask, openHouse } from './house.ts';
import { openUpstream } from './recorder.ts';

/** What a route answers by itself, and what it makes of an upstream's answers. */
describe('a route', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };

  before(async () => {
    upstream = await openUpstream((request, response) => {
      const location = `http://app.internal:8080${request.url ?? ''}`;
      response.writeHead(302, { location, 'x-frame-options': 'ALLOWALL', 'x-powered-by': 'something' }).end('moved');
    });
    const open = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
set_response_headers: {X-Frame-Options: DENY, X-Robots-Tag: none}
routes:
  - {from: https://moved.postern.test, redirect: {host_redirect: new.postern.test, strip_query: true, response_code: 308}, ${open}}
  - {from: https://part.postern.test, prefix: /old, redirect: {prefix_rewrite: /new/}, ${open}}
  - {from: https://whole.postern.test, redirect: {path_redirect: "/login?from=old"}, ${open}}
  - {from: https://fixed.postern.test, response: {status: 503, body: "back at <9>"}, ${open}}
  - {from: https://closed.postern.test, prefix: /gone, redirect: {path_redirect: /secret-place}, policy: {allow: {or: [{reject: true}]}}}
  - {from: https://closed.postern.test, response: {status: 200, body: secret}, policy: {allow: {or: [{reject: true}]}}}
  - from: https://app.postern.test
    to: ${upstream.url}
    allow_public_unauthenticated_access: true
    set_response_headers: {x-robots-tag: all, X-Powered-By: Postern}
    rewrite_response_headers:
      - {header: Location, prefix: "http://app.internal:8080/", value: "https://app.postern.test/"}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('redirects as it says', async () => {
    const cases: readonly (readonly [url: string, status: number, location: string])[] = [
      ['https://moved.postern.test/a?b=1', 308, 'https://new.postern.test/a'],
      ['https://part.postern.test/old/x?y', 301, `https://part.postern.test:${house.port}/new/x?y`],
      ['https://whole.postern.test/a?b=1', 301, `https://whole.postern.test:${house.port}/login?from=old`],
    ];
    for (const [url, status, location] of cases) {
      const answer = await ask(house, url);
      assert.deepEqual(
        [answer.status, answer.headers.location, answer.headers['x-frame-options'], answer.body],
        [status, location, 'DENY', ''],
      );
      const { decision, reply, upstream: none } = await explained(house, 'GET', url.replace('.test/', `.test:${house.port}/`));
      assert.deepEqual([decision, reply?.status, reply?.headers['location'], none], ['allow', status, location, null]);
    }
    assert.equal((await ask(house, 'https://part.postern.test/old../x')).status, 400);
  });

  it('lets nothing of a request into the head of its redirect', async () => {
    using connection = await connectRaw(house, { sni: 'moved.postern.test' });
    const lines = ['GET /a%c3%a9?x=%0d%0aSet-Cookie:%20a=1 HTTP/1.1', 'Host: part.postern.test', '', ''];
    connection.write(lines.join('\r\n').replace('/a', '/old/a'));
    const answer = await connection.answer();
    assert.equal(answer?.status, 301);
    assert.match(answer.head, /^Location: https:\/\/part\.postern\.test\/new\/a%C3%A9\?x=%0d%0aSet-Cookie:%20a=1$/im);
    assert.doesNotMatch(answer.head, /^set-cookie/im);
    assert.equal((await ask(house, 'https://part.postern.test/old/%0d%0aX-Evil:1')).status, 400);
  });

  it('answers with a fixed text, and to HEAD without it', async () => {
    const answer = await ask(house, 'https://fixed.postern.test/any');
    assert.deepEqual([answer.status, answer.headers['content-type'], answer.body], [503, 'text/plain; charset=utf-8', 'back at <9>']);
    const head = await ask(house, 'https://fixed.postern.test/any', { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [503, '11', '']);
    assert.equal((await ask(house, 'https://fixed.postern.test/', { method: 'POST', body: 'x' })).status, 503);
  });

  it('does neither for whom the policy denies', async () => {
    for (const path of ['/', '/gone']) {
      const { status, headers, body } = await ask(house, `https://closed.postern.test${path}`);
      assert.deepEqual([status, headers.location, body.includes('secret')], [403, undefined, false]);
    }
  });

  it('switches to no other protocol', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-version': '13',
    };
    assert.equal((await ask(house, 'https://fixed.postern.test/', { headers })).status, 403);
  });

  it('rewrites the beginning of headers, then sets its own over those of the upstream and of all routes', async () => {
    const { status, headers } = await ask(house, 'https://app.postern.test/page?x=1');
    const { location, 'x-frame-options': frame, 'x-robots-tag': robots, 'x-powered-by': powered } = headers;
    assert.deepEqual([status, location, frame, robots, powered], [302, 'https://app.postern.test/page?x=1', 'DENY', 'all', 'Postern']);
  });
});
