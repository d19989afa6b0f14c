import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askForged } from './raw-http2.ts';

type Field = readonly [string, string];

const method: Field = [':method', 'POST'];
const scheme: Field = [':scheme', 'https'];
const authority: Field = [':authority', 'public.postern.test'];
const path: Field = [':path', '/page'];
const target: readonly Field[] = [method, scheme, authority, path];
const lineBreak = '\r\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';

/** Requests that would be two once they are written as HTTP/1.1 ("H2→H1 downgrade"). */
describe('request smuggling over HTTP/2', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const route = `{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, allow_websockets: true}`;
    house = await openHouse({ config: `routes: [${route}]` });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const refused: readonly (readonly [what: string, fields: readonly Field[], body?: string])[] = [
    ['transfer-encoding', [...target, ['transfer-encoding', 'chunked']], '0\r\n\r\n'],
    ['connection', [...target, ['connection', 'close']]],
    ['keep-alive', [...target, ['keep-alive', 'timeout=5']]],
    ['proxy-connection', [...target, ['proxy-connection', 'close']]],
    ['upgrade', [...target, ['upgrade', 'websocket']]],
    ['te with more than trailers', [...target, ['te', 'trailers, chunked']]],
    ['a length above the data', [...target, ['content-length', '50']], 'short'],
    ['a length below the data', [...target, ['content-length', '1']], 'longer'],
    ['a length of zero with data', [...target, ['content-length', '0']], 'longer'],
    ['a length with data of none', [...target, ['content-length', '5']]],
    ['two lengths', [...target, ['content-length', '5'], ['content-length', '5']], 'equal'],
    ['a length that is none', [...target, ['content-length', '5x']], 'equal'],
    ['a second method', [method, ...target]],
    ['a second path', [...target, [':path', '/other']]],
    ['a second authority', [...target, [':authority', 'other.postern.test']]],
    ['no path', [method, scheme, authority]],
    ['no method', [scheme, authority, path]],
    ['no scheme', [method, authority, path]],
    ['a pseudo-header field after the others', [method, scheme, authority, ['x-a', 'b'], path]],
    ['a status', [...target, [':status', '200']]],
    ['an unknown pseudo-header field', [...target, [':x', 'y']]],
    ['a method with a line break', [[':method', `GET / HTTP/1.1${lineBreak}`], scheme, authority, path]],
    ['a method with a space', [[':method', 'GET /hidden HTTP/1.1'], scheme, authority, path]],
    ['an empty method', [[':method', ''], scheme, authority, path]],
    ['a method that is no token', [[':method', 'G{T}'], scheme, authority, path]],
    ['a path with a line break', [method, scheme, authority, [':path', `/page${lineBreak}`]]],
    ['a path with a space', [method, scheme, authority, [':path', '/page HTTP/1.1']]],
    ['a path with a tab', [method, scheme, authority, [':path', '/page\tHTTP/1.1']]],
    ['a path with NUL', [method, scheme, authority, [':path', '/page\0']]],
    ['an empty path', [method, scheme, authority, [':path', '']]],
    ['a path without a slash', [method, scheme, authority, [':path', 'page']]],
    ['an absolute path', [method, scheme, authority, [':path', 'https://other.postern.test/page']]],
    ['a query with a line break', [method, scheme, authority, [':path', `/page?${lineBreak}`]]],
    ['a path with a fragment', [method, scheme, authority, [':path', '/page#/../hidden']]],
    ['a star', [[':method', 'OPTIONS'], scheme, authority, [':path', '*']]],
    ['an authority with a line break', [method, scheme, [':authority', `public.postern.test${lineBreak}`], path]],
    ['an authority with a user', [method, scheme, [':authority', 'user@public.postern.test'], path]],
    ['an authority with a path', [method, scheme, [':authority', 'public.postern.test/hidden'], path]],
    ['an authority with a space', [method, scheme, [':authority', 'public.postern.test x'], path]],
    ['an empty authority', [method, scheme, [':authority', ''], path]],
    ['another host beside the authority', [...target, ['host', 'other.postern.test']]],
    ['two hosts beside the authority', [...target, ['host', 'public.postern.test'], ['host', 'public.postern.test']]],
    [
      'CONNECT',
      [
        [':method', 'CONNECT'],
        [':authority', 'public.postern.test:443'],
      ],
    ],
    ['CONNECT with a path', [[':method', 'CONNECT'], scheme, authority, path], lineBreak],
    ['extended CONNECT', [[':method', 'CONNECT'], [':protocol', 'websocket'], scheme, authority, path]],
    ['a name with an underscore', [...target, ['x_a', 'b']]],
    ['an unknown expectation', [...target, ['expect', 'hidden']], 'body'],
  ];

  for (const [what, fields, body] of refused) {
    it(`is refused: ${what}`, async () => {
      const outcome = await askForged(house, fields, body === undefined ? {} : { body });
      assert.ok(outcome === 'reset' || outcome === 'closed' || (outcome >= 400 && outcome < 500), `${outcome}`);
      assert.equal(upstream.bytes(), '');
    });
  }

  const dropped: readonly (readonly [what: string, field: Field])[] = [
    ['a value with a line break', ['x-a', `b${lineBreak}`]],
    ['a value with a bare carriage return', ['x-a', 'b\rGET /hidden']],
    ['a value with a bare line feed', ['x-a', 'b\nGET /hidden']],
    ['a value with NUL', ['x-a', 'b\0hidden']],
    ['a name with a line break', [`x-a: b${lineBreak}`, 'c']],
    ['a name with a colon', ['x-a: hidden', 'b']],
    ['a name with a space', ['x-a hidden', 'b']],
    ['an empty name', ['', 'hidden']],
    ['a cookie with a line break', ['cookie', `a=b${lineBreak}`]],
    ['a user agent with a line break', ['user-agent', `x${lineBreak}`]],
  ];

  for (const [what, field] of dropped) {
    it(`goes no further, or the request does not: ${what}`, async () => {
      const outcome = await askForged(house, [...target, field]);
      assert.doesNotMatch(upstream.bytes(), /hidden/);
      const requests = upstream.bytes().match(/^[A-Z]+ \S+ HTTP\/1\.1\r$/gm) ?? [];
      assert.deepEqual(requests, outcome === 200 ? ['POST /page HTTP/1.1\r'] : []);
    });
  }

  it('is none: the same host twice, and a priority', async () => {
    const outcome = await askForged(
      house,
      [...target, ['host', 'public.postern.test'], ['priority', 'u=1'], ['content-length', '4'], ['te', 'trailers']],
      { body: 'body' },
    );
    assert.equal(outcome, 200);
    assert.match(upstream.bytes(), /^POST \/page HTTP\/1\.1\r\n[^]*\r\ncontent-length: 4\r\n\r\n(?:body)?$/i);
  });
});
