import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import type { ReplySink } from '../../src/http/exchange.ts';
import { openListener } from '../../src/listener/open-listener.ts';
import { freePort } from '../free-ports.ts';
import { askHttp2, connectHttp2 } from './http2-client.ts';
import { connectPlain, connectTls, exchangePlain, exchangeRaw, readToEnd, readUntil, startTls } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const head = 'Host: plain.test\r\n';

describe('openListener()', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });
  const groups = () => makeGroups(pki, [['plain.test', 'none']]);

  it('opens every address or none, and leaves nothing open when one is taken', async () => {
    await using server = await startListener({ groups: groups() });
    const handlers = { onRequest() {}, onRefusal() {}, onUpgrade() {}, onHandshake() {}, onFault() {}, judgeHandshake: () => undefined };
    const taken = { host: '127.0.0.1', port: server.port };
    for (const insecure of [true, false]) {
      for (const redirectIsTaken of [true, false]) {
        const free = { host: '127.0.0.1', port: await freePort() };
        const options = redirectIsTaken ? { addresses: [free], redirectAddress: taken } : { addresses: [free, taken] };
        await assert.rejects(openListener({ ...options, insecure, groups, handlers, now: () => 0 }), { code: 'EADDRINUSE' });
        await assert.rejects(connectPlain(free.port), { code: 'ECONNREFUSED' });
      }
    }
  });

  it('serves at each of several addresses alike, with and without TLS, with a PROXY header and beside a redirect', async () => {
    const addresses = [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ];
    const request = `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`;
    for (const insecure of [true, false]) {
      for (const proxyProtocol of [true, false]) {
        const peers: string[] = [];
        await using server = await startListener({
          groups: groups(),
          addresses,
          insecure,
          proxyProtocol,
          redirects: true,
          onRequest({ inbound, sink }) {
            peers.push(inbound.connection.remoteAddress);
            sendText(sink, 'ok');
          },
        });
        for (const { host, port } of server.listener.addresses) {
          const socket = await connectPlain(port, host);
          if (proxyProtocol) socket.write('PROXY TCP4 192.0.2.7 192.0.2.1 1 1\r\n');
          const client = insecure ? socket : await startTls(socket);
          client.write(request);
          assert.match(await readToEnd(client), /200 OK/);
        }
        assert.deepEqual(peers, proxyProtocol ? ['192.0.2.7', '192.0.2.7', '192.0.2.7'] : ['127.0.0.1', '127.0.0.1', '::1']);
        assert.equal(new Set([...server.listener.addresses.map(({ port }) => port), server.redirectPort]).size, 4);
        assert.match(await exchangePlain(server.redirectPort, `GET / HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 301/);
      }
    }
  });

  it('keeps connections without a request for as long as it is told, and for ever where there is no limit', async () => {
    for (const keepAliveMs of [40, 0]) {
      await using server = await startListener({ groups: groups(), insecure: true, limits: { keepAliveMs, headMs: 10, checkEveryMs: 10 } });
      const socket = await connectPlain(server.port);
      socket.write(`GET / HTTP/1.1\r\n${head}\r\n`);
      await readUntil(socket, /plain\.test\/$/);
      const end = readToEnd(socket);
      if (keepAliveMs === 0) {
        // Longer than the sum of all limits.
        await new Promise((resolve) => setTimeout(resolve, 150));
        socket.write(`GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
      }
      assert.match(await end, keepAliveMs === 0 ? /plain\.test\/$/ : /^$/);
    }
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

/** A port that nothing listened on a moment ago. */
