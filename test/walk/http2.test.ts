import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import type { Http2Client } from './http2-client.ts';
import { openHttp2 } from './http2-client.ts';
import type { Seen } from './recorder.ts';
import { openEcho, openUpstream } from './recorder.ts';

type Upstream = AsyncDisposable & { readonly url: string };

/** The same walk over HTTP/2, with Node's own client. */
describe('HTTP/2', () => {
  let house: House;
  let echo: Upstream;
  let teller: Upstream;
  let connection: Http2Client;

  before(async () => {
    echo = await openEcho();
    teller = await openUpstream((request, response) => {
      if (request.url === '/no-content') response.writeHead(204).end();
      else if (request.url === '/sized') response.writeHead(200, { 'content-length': '12' }).end('twelve bytes');
      else if (request.url === '/not-modified') response.writeHead(304, { etag: '"1"' }).end();
      else {
        response.writeHead(200, { trailer: 'x-sum', 'x-connection': request.headers.connection ?? '', connection: 'x-hop', 'x-hop': '1' });
        response.write('three ');
        response.addTrailers({ 'x-sum': '3' });
        response.end('words here');
      }
    });
    house = await openHouse({
      config: `
routes:
  - {name: echo, from: https://echo.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true}
  - {name: teller, from: https://teller.postern.test, to: ${teller.url}, allow_public_unauthenticated_access: true}
  - {name: closed, from: https://closed.postern.test, to: ${echo.url}, policy: {allow: {or: [{reject: true}]}}}
`,
    });
    connection = await openHttp2(house, 'echo.postern.test');
  });

  after(async () => {
    await connection[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
    await teller[Symbol.asyncDispose]();
  });

  const atTeller = (): string => `teller.postern.test:${house.port}`;

  it('carries method, target, fields and body to the upstream', async () => {
    const { status, headers, body } = await connection.ask({
      method: 'PUT',
      path: '/a/./b//c?x=%2F&y',
      headers: { 'x-one': '1', cookie: ['a=1', 'b=2'], 'x-pomerium-claim-email': 'mallory@example.com' },
      body: 'hello',
    });
    const seen = JSON.parse(body) as Seen;
    assert.deepEqual(
      [status, headers['content-type'], seen.method, seen.target, seen.body, seen.headers['x-one'], seen.headers['cookie']],
      [200, 'application/json', 'PUT', '/a/b/c?x=%2F&y', 'hello', '1', 'a=1; b=2'],
    );
    assert.deepEqual([seen.headers['host'], seen.headers['x-pomerium-claim-email']], [new URL(echo.url).host, undefined]);
    assert.equal(seen.headers['x-forwarded-host'], `echo.postern.test:${house.port}`);
    const line = await house.logLine((each) => each['path'] === '/a/b/c');
    assert.deepEqual([line['protocol'], line['method'], line['status'], line['route']], ['h2', 'PUT', 200, 'echo']);
  });

  it('carries a body of unknown length whole', async () => {
    const body = Buffer.alloc(700_000, 'abcdefg');
    const answer = await connection.ask({ method: 'POST', body });
    const seen = JSON.parse(answer.body) as Seen;
    assert.deepEqual([seen.body.length, digest(seen.body)], [body.length, digest(body.toString('latin1'))]);
  });

  it('carries nine hundred header fields', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `x-${index}`);
    const { status, body } = await connection.ask({ headers: Object.fromEntries(names.map((name) => [name, 'v'])) });
    assert.equal(status, 200);
    const { headers } = JSON.parse(body) as Seen;
    assert.deepEqual(
      names.filter((name) => headers[name] !== 'v'),
      [],
    );
  });

  it('refuses more than a thousand header fields and goes on', async () => {
    const headers = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`x-${index}`, 'v']));
    assert.equal((await connection.ask({ headers })).status, 431);
    assert.equal((await connection.ask()).status, 200);
  });

  it('brings the trailers of an answer to a client that takes them, and no field of the upstream’s connection', async () => {
    const { status, headers, body, trailers } = await connection.ask({ host: atTeller(), headers: { te: 'trailers' } });
    assert.deepEqual(
      [status, body, { ...trailers }['x-sum'], headers['x-hop'], headers['connection']],
      [200, 'three words here', '3', undefined, undefined],
    );
    const without = await connection.ask({ host: atTeller() });
    assert.deepEqual([without.body, { ...without.trailers }], ['three words here', {}]);
  });

  it('makes no header of a request trailer', async () => {
    const { body } = await connection.ask({ method: 'POST', body: 'x', trailers: { 'x-late': '1', 'x-pomerium-claim-email': 'm@x' } });
    const { headers } = JSON.parse(body) as Seen;
    assert.deepEqual([headers['x-late'], headers['x-pomerium-claim-email']], [undefined, undefined]);
  });

  it('answers HEAD, 204 and 304 without a body', async () => {
    const head = await connection.ask({ host: atTeller(), path: '/sized', method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '12']);
    const none = await connection.ask({ host: atTeller(), path: '/no-content' });
    const same = await connection.ask({ host: atTeller(), path: '/not-modified' });
    assert.deepEqual([none.status, none.body, same.status, same.headers.etag, same.body], [204, '', 304, '"1"', '']);
  });

  it('answers a hundred streams at once, each with its own', async () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/stream/${index}`);
    const answers = await Promise.all(paths.map((path) => connection.ask({ path })));
    assert.deepEqual(
      answers.map(({ body }) => (JSON.parse(body) as Seen).target),
      paths,
    );
  });

  it('refuses with a page what the policy denies, and keeps the connection', async () => {
    const denied = await connection.ask({ host: `closed.postern.test:${house.port}`, headers: { accept: 'text/html' } });
    assert.deepEqual([denied.status, denied.headers['x-pomerium-intercepted-response']], [403, 'true']);
    assert.match(denied.body, /You do not have access/);
    assert.equal((await connection.ask()).status, 200);
  });
});

function digest(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
