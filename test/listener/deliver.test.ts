import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import type { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { askHttp2, connectHttp2 } from './http2-client.ts';
import { connectTls, exchangeRaw, readToEnd } from './raw-client.ts';
import type { TestListener, TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const last = 'Host: plain.test\r\nConnection: close\r\n\r\n';

describe('deliver()', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function listening(options: Partial<TestListenerOptions>): Promise<TestListener> {
    return startListener({ groups: makeGroups(pki, [['plain.test', 'none']]), limits: { writeMs: 60, lingerMs: 60 }, ...options });
  }

  it('answers 504 where no answer was begun in time, and cuts the one that was', async () => {
    const ends: [boolean, string | undefined][] = [];
    await using server = await listening({
      onRequest({ inbound, sink }) {
        sink.onClose((complete, cut) => ends.push([complete, cut?.code]));
        if (inbound.path !== '/begun') return;
        sink.head(200, ['Content-Length', '10']);
        sink.write(Buffer.from('abc'));
      },
    });
    const session = connectHttp2(server.port);
    const [silent, begun] = await Promise.all(['/silent', '/begun'].map((path) => askHttp2(session, { ':path': path })));
    session.destroy();
    assert.deepEqual([silent?.status, silent?.body, silent?.ended], [504, 'The request took too long\n', true]);
    assert.deepEqual([begun?.status, begun?.body, begun?.ended], [200, 'abc', false]);
    assert.match(await exchangeRaw(server.port, `GET /silent HTTP/1.1\r\n${last}`), /^HTTP\/1\.1 504 [^]*too long\n$/);
    assert.match(await exchangeRaw(server.port, `GET /begun HTTP/1.1\r\n${last}`), /^HTTP\/1\.1 200 [^]*\r\n\r\nabc$/);
    assert.deepEqual(server.overdue.toSorted(), ['/begun', '/begun', '/silent', '/silent']);
    while (ends.length < 4) await new Promise(setImmediate);
    assert.deepEqual(
      ends.toSorted(([a], [b]) => Number(a) - Number(b)),
      [false, false, true, true].map((complete) => [complete, 'request-overdue']),
    );
  });

  it('lets nobody who comes too late spoil the answer, and nobody who is done in time be cut', async () => {
    const cuts: (ProxyFailure | undefined)[] = [];
    await using server = await listening({
      onRequest({ inbound, body, sink }) {
        body?.stream.on('error', () => undefined);
        sink.onClose((_, cut) => cuts.push(cut));
        if (inbound.path === '/quick') return sendText(sink, 'quick');
        // Right behind the cut, while its bytes are on their way.
        setTimeout(() => {
          sink.head(200, []);
          sink.write(Buffer.from('late'));
          sink.end();
          sendText(sink, 'later');
        }, 62);
      },
    });
    for (let round = 0; round < 5; round += 1) {
      assert.match(
        await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`),
        /^HTTP\/1\.1 (504 [^]*too long\n|200 [^]*late\r\n0\r\n\r\n)$/,
      );
    }
    const upload = `POST / HTTP/1.1\r\nContent-Length: 100000\r\n${last}${'x'.repeat(50_000)}`;
    assert.match(await exchangeRaw(server.port, upload), /^HTTP\/1\.1 504 /);
    cuts.length = 0;
    const socket = await connectTls(server.port);
    socket.write('GET /quick HTTP/1.1\r\nHost: plain.test\r\n\r\n');
    await once(socket, 'data');
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.write(`GET /quick HTTP/1.1\r\n${last}`);
    assert.match(await readToEnd(socket), /quick$/);
    assert.deepEqual(cuts, [undefined, undefined]);
  });

  it('cuts an upgraded connection when its time is over', async () => {
    await using server = await listening({
      onUpgrade({ socket }) {
        socket.on('error', () => undefined);
        socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      },
    });
    const upgrade =
      'GET /socket HTTP/1.1\r\nHost: plain.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    assert.match(await exchangeRaw(server.port, upgrade), /^HTTP\/1\.1 101/);
    assert.deepEqual(server.overdue, ['/socket']);
  });

  it('cuts nothing where there is no limit', async () => {
    await using server = await listening({
      limits: { writeMs: 0 },
      onRequest({ sink }) {
        setTimeout(() => sendText(sink, 'in the end'), 120);
      },
    });
    assert.match(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${last}`), /in the end$/);
  });
});
