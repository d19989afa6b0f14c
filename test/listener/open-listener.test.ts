import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import type { ReplySink } from '../../src/http/exchange.ts';
import { openListener } from '../../src/listener/open-listener.ts';
import { askHttp2, connectHttp2 } from './http2-client.ts';
import { connectTls, exchangeRaw, readToEnd, readUntil } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const head = 'Host: plain.test\r\n';

describe('openListener()', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });
  const groups = () => makeGroups(pki, [['plain.test', 'none']]);

  it('opens every address or none', async () => {
    await using server = await startListener({ groups: groups() });
    const handlers = { onRequest() {}, onRefusal() {}, onUpgrade() {}, onHandshake() {}, onFault() {}, judgeHandshake: () => undefined };
    const addresses = [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: server.port },
    ];
    await assert.rejects(openListener({ addresses, groups, handlers, now: () => 0 }), { code: 'EADDRINUSE' });
  });

  it('resolves port 0, serves HTTP/1.1 without ALPN, and counts its connections', async () => {
    await using server = await startListener({ groups: groups() });
    assert.deepEqual(server.listener.addresses, [{ host: '127.0.0.1', port: server.port }]);
    assert.match(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`, { ALPNProtocols: [] }), /200 OK/);
    while (server.counts.length < 2) await new Promise(setImmediate);
    assert.deepEqual(server.counts, [1, 0]);
  });

  it('drains: idle connections go, requests under way are answered, new ones are refused', async () => {
    const sinks: ReplySink[] = [];
    const both = Promise.withResolvers<void>();
    await using server = await startListener({
      groups: groups(),
      onRequest({ inbound, sink }) {
        if (inbound.path === '/quick') return sendText(sink, 'quick');
        if (sinks.push(sink) === 2) both.resolve();
      },
    });
    const idle = await connectTls(server.port);
    idle.write(`GET /quick HTTP/1.1\r\n${head}\r\n`);
    await readUntil(idle, /quick$/);
    const idleEnd = readToEnd(idle);
    const busy = await connectTls(server.port);
    busy.write(`GET /slow HTTP/1.1\r\n${head}\r\n`);
    const busyAnswer = readToEnd(busy);
    const session = connectHttp2(server.port);
    const streamAnswer = askHttp2(session, { ':path': '/slow' });
    await both.promise;

    const goaway = once(session, 'goaway');
    const drained = server.listener.drain(10_000);
    assert.equal(await idleEnd, '');
    await goaway;
    await assert.rejects(connectTls(server.port));
    for (const sink of sinks) sendText(sink, 'slow');
    assert.match(await busyAnswer, /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*slow$/);
    assert.deepEqual(((answer) => [answer.status, answer.body, answer.ended])(await streamAnswer), [200, 'slow', true]);
    await drained;
  });

  it('cuts what is left when the grace is over, upgraded sockets too', async () => {
    const taken = Promise.withResolvers<void>();
    await using server = await startListener({
      groups: groups(),
      onUpgrade({ socket }) {
        socket.on('error', () => {});
        socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
        taken.resolve();
      },
    });
    const socket = await connectTls(server.port);
    socket.write(
      `GET / HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    const answer = readToEnd(socket);
    await taken.promise;
    await server.listener.drain(30);
    assert.match(await answer, /^HTTP\/1\.1 101/);
  });

  it('closes at once, and may be closed again', async () => {
    const server = await startListener({ groups: groups(), onRequest: () => {} });
    const socket = await connectTls(server.port);
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n`);
    const end = readToEnd(socket);
    await Promise.all([server.listener.close(), server.listener.close()]);
    assert.equal(await end, '');
  });
});
