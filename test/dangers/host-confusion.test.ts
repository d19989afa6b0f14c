import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';

/** Requests that name their host in two ways, or in none that is one: refused, and what they name decides where nothing goes. */
describe('host confusion', () => {
  let house: House;
  let upstream: Recorder;
  let inner: Recorder;

  before(async () => {
    upstream = await openRecorder();
    inner = await openRecorder();
    house = await openHouse({
      config: `
routes:
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
  - {from: https://inner.postern.test, to: ${inner.url}, policy: {deny: {or: [accept: true]}}}
`,
    });
  });

  beforeEach(() => {
    upstream.clear();
    inner.clear();
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await inner[Symbol.asyncDispose]();
  });

  const get = 'GET /page HTTP/1.1';
  const host = 'Host: public.postern.test';
  const refused: readonly (readonly [what: string, lines: readonly string[]])[] = [
    ['no host', [get]],
    ['two hosts', [get, host, 'Host: inner.postern.test']],
    ['one host twice', [get, host, host]],
    ['one host in two spellings', [get, host, 'hOST: public.postern.test']],
    ['a second host with a space', [get, host, 'Host : inner.postern.test']],
    ['a second host that is folded', [get, host, ' inner.postern.test']],
    ...[
      '',
      'public.postern.test, inner.postern.test',
      'inner.postern.test public.postern.test',
      'user@public.postern.test',
      'user:pass@public.postern.test',
      'public.postern.test/page',
      'public.postern.test\\@inner.postern.test',
      'public.postern.test#inner.postern.test',
      'public.postern.test?x',
      'public.postern.test:',
      'public.postern.test:0',
      'public.postern.test:65536',
      'public.postern.test:44 3',
      'public.postern.test:443:443',
      'public.postern.test:+443',
      'public..postern.test',
      '.public.postern.test',
      'public.postern.test..',
      '%70ublic.postern.test',
      'public%2epostern.test',
      'publi\xe7.postern.test',
      '-public.postern.test',
      'public.postern.test;inner',
      'https://public.postern.test',
      '[public.postern.test]',
      '[::1%25lo]',
      `${'a'.repeat(64)}.postern.test`,
      `${'a.'.repeat(127)}postern.test`,
      'public.postern.test\x01',
    ].map((value) => [`Host: ${JSON.stringify(value)}`, [get, `Host: ${value}`]] as const),
    ['a target with a host', ['GET http://inner.postern.test/page HTTP/1.1', host]],
    ['a target with the same host', ['GET https://public.postern.test/page HTTP/1.1', host]],
    ['a target with an address inside', ['GET https://169.254.169.254/latest/meta-data HTTP/1.1', host]],
    ['a target of another scheme', ['GET ftp://inner.postern.test/page HTTP/1.1', host]],
    ['a target of a file', ['GET file:///etc/passwd HTTP/1.1', host]],
    ['a target that is a script', ['GET javascript:alert(1) HTTP/1.1', host]],
    ['CONNECT', ['CONNECT inner.postern.test:443 HTTP/1.1', 'Host: inner.postern.test:443']],
    ['CONNECT to an address', ['CONNECT 127.0.0.1:22 HTTP/1.1', host]],
    ['CONNECT with a path', ['CONNECT /page HTTP/1.1', host]],
    ['the star', ['OPTIONS * HTTP/1.1', host]],
    ['a star to GET', ['GET * HTTP/1.1', host]],
    ['a target that begins with @', ['GET @inner.postern.test/ HTTP/1.1', host]],
    ['a target that begins with a word', ['GET inner.postern.test/ HTTP/1.1', host]],
    ['a target that begins with a query', ['GET ?x HTTP/1.1', host]],
    ['a target that begins with a backslash', ['GET \\\\inner.postern.test/ HTTP/1.1', host]],
  ];

  for (const [what, lines] of refused) {
    it(`is refused: ${what}`, async () => {
      using connection = await connectRaw(house);
      connection.write(requestText(lines));
      assert.equal((await connection.answer())?.status, 400);
      assert.equal(await connection.rest(), '');
      assert.deepEqual([upstream.bytes(), inner.bytes()], ['', '']);
    });
  }

  const same = [
    'public.postern.test',
    'PUBLIC.Postern.TEST',
    'public.postern.test.',
    'Public.postern.test.:443',
    'public.postern.test:443',
    'public.postern.test:8443',
  ];
  for (const spelling of same) {
    it(`is none, but another spelling: ${spelling}`, async () => {
      for (const lines of [
        [get, `Host: ${spelling}`],
        [get, `HOST:\t${spelling}  `],
      ]) {
        using connection = await connectRaw(house);
        connection.write(requestText([...lines, 'Connection: close']));
        assert.equal((await connection.answer())?.status, 200);
      }
      assert.match(upstream.bytes(), /^host: 127\.0\.0\.1:\d+\r$/im, 'the upstream is named by the route alone');
      assert.match(upstream.bytes(), /^X-Forwarded-Host: public\.postern\.test(?::\d+)?\r$/im);
    });
  }

  it('leads to no other host by headers that name one', async () => {
    using connection = await connectRaw(house);
    const names = ['X-Forwarded-Host', 'X-Host', 'X-Forwarded-Server', 'X-Original-URL', 'X-Rewrite-URL', 'Forwarded'];
    const lies = names.map((name) => `${name}: ${name === 'Forwarded' ? 'host=' : ''}inner.postern.test`);
    connection.write(requestText([get, host, ...lies, 'Connection: close']));
    assert.equal((await connection.answer())?.status, 200);
    assert.equal(inner.bytes(), '');
    assert.match(upstream.bytes(), /^X-Forwarded-Host: public\.postern\.test\r$/im);
    assert.doesNotMatch(upstream.bytes().replace(/^x-host:.*$/im, ''), /inner/);
  });

  it('is refused over HTTP/2 where the two names differ', async () => {
    const target = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/page'],
    ] as const;
    for (const second of ['inner.postern.test', 'PUBLIC.postern.test', 'public.postern.test:443']) {
      const outcome = await askForged(house, [...target, [':authority', 'public.postern.test'], ['host', second]]);
      assert.ok(outcome === 'reset' || outcome === 400, `${second}: ${outcome}`);
    }
    assert.ok([400, 'reset'].includes(await askForged(house, target)), 'without any name');
    assert.deepEqual([upstream.bytes(), inner.bytes()], ['', '']);
  });

  it('never makes a target of two slashes an address', async () => {
    using connection = await connectRaw(house);
    connection.write(requestText(['GET //inner.postern.test/page HTTP/1.1', host, 'Connection: close']));
    assert.equal((await connection.answer())?.status, 200);
    assert.match(upstream.bytes(), /^GET \/inner\.postern\.test\/page HTTP\/1\.1\r\n/);
    assert.equal(inner.bytes(), '');
  });
});
