import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exchangePlain } from '../listener/raw-client.ts';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { explained } from './explained.ts';

/** The listener without TLS answers strangers in the clear: it serves nothing, and what it writes into `Location` is a host or it is not there. */
describe('the redirect to https', () => {
  let house: House;
  let upstream: Recorder;
  let port: number;

  before(async () => {
    upstream = await openRecorder();
    port = await freePort();
    house = await openHouse({
      config: `
http_redirect_addr: 127.0.0.1:${port}
routes: [{from: https://app.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, allow_websockets: true}]
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('leads to the host that was asked, without its port, and answers explain alike', async () => {
    for (const [authority, host] of [
      ['app.postern.test', 'app.postern.test'],
      [`APP.postern.test.:${port}`, 'app.postern.test'],
      ['other.example:8080', 'other.example'],
    ] as const) {
      const answer = await exchangePlain(port, `GET /a//b?c=%2f HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      const location = `https://${host}/a//b?c=%2f`;
      assert.match(answer, /^HTTP\/1\.1 301 /);
      assert.ok(answer.includes(`\r\nLocation: ${location}\r\n`), answer);
      assert.match(answer, /\r\nConnection: close\r\n/);
      const { decision, status, reasons, reply } = await explained(house, 'GET', `http://${authority}/a//b?c=%2f`);
      assert.deepEqual([decision, status, reasons, reply?.headers['location']], ['own', 301, ['https-required'], location]);
    }
    const line = await house.logLine(({ status }) => status === 301);
    assert.deepEqual([line['decision'], line['reasons'], line['route']], ['own', ['https-required'], null]);
  });

  it('says nothing that the request said, but for host, path and query', async () => {
    const answer = await exchangePlain(
      port,
      'GET / HTTP/1.1\r\nHost: app.postern.test\r\nSet-Cookie: a=evil\r\nX-Evil: 1\r\nLocation: evil\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 301 /);
    assert.doesNotMatch(answer, /evil/i);
  });

  it('reflects no host that is none, and no line break', async () => {
    const hosts = [
      'evil.example/',
      'a@evil.example',
      'evil.example\\@app.postern.test',
      'app.postern.test\tx',
      'a,b',
      '"',
      '',
      'a:b',
      '[::1',
      '%61',
    ];
    for (const authority of hosts) {
      const answer = await exchangePlain(port, `GET / HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /, authority);
      assert.doesNotMatch(answer, /^location:/im, authority);
      if (authority.includes('evil')) assert.doesNotMatch(answer, /evil/);
    }
    for (const target of ['/%0d%0aX:1', '/\\evil.example', '/a%2fb', 'http://evil.example/', '/#', '/%00'])
      assert.match(await exchangePlain(port, `GET ${target} HTTP/1.1\r\nHost: app.postern.test\r\n\r\n`), /^HTTP\/1\.1 400 /, target);
  });

  it('serves no request, no upgrade and no tunnel in the clear', async () => {
    const host = 'Host: app.postern.test\r\n';
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    assert.match(await exchangePlain(port, `GET / HTTP/1.1\r\n${host}${upgrade}\r\n`), /^HTTP\/1\.1 301 /);
    assert.match(await exchangePlain(port, `POST / HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`), /^HTTP\/1\.1 301 /);
    assert.match(await exchangePlain(port, `GET /.pomerium/user HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 301 /);
    assert.match(await exchangePlain(port, `CONNECT app.postern.test:443 HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 400 /);
    assert.match(
      await exchangePlain(port, `GET / HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      /^HTTP\/1\.1 400 /,
    );
    assert.match(await exchangePlain(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.equal(upstream.bytes(), '');
  });
});
