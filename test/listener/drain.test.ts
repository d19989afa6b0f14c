import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectOver } from 'node:http2';
import type { Duplex } from 'node:stream';
import { before, describe, it } from 'node:test';
import { preface, request } from '../dangers/http2-flood.ts';
import { connectPlain, connectTls, readUntil } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

const whole = 'GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n';

/** None of these clients ever ends its connection, nor asks for anything any more. */
describe('drain()', () => {
  let pki: TestPki;

  before(async () => {
    pki = await makePki();
  });

  // Far below the time for a head, and the grace.
  for (const [door, options] of [
    ['with TLS', {}],
    ['without TLS', { insecure: true }],
    ['behind a PROXY header', { proxyProtocol: true }],
  ] as const) {
    it(`waits for no connection without a request, ${door}`, { timeout: 8_000 }, async () => {
      await using server = await startListener({ groups: makeGroups(pki, [['*.test', 'none']]), redirects: true, ...options });
      const clients: Duplex[] = [await connectPlain(server.port), await connectPlain(server.redirectPort)];
      if ('proxyProtocol' in options) clients.push(await begun(server.port, 'PROXY TCP4 192.0.2.1 '));
      else if ('insecure' in options) {
        clients.push(
          await begun(server.port, 'GET / HT'),
          await begun(server.port, preface.subarray(0, 10)),
          await begun(server.port, preface),
        );
      } else {
        const idle = await connectTls(server.port);
        idle.write(whole);
        await readUntil(idle, /plain\.test\/$/);
        const asked = await connectTls(server.port, { ALPNProtocols: ['h2'] });
        asked.write(Buffer.concat([preface, request(1, '/')]));
        await once(asked, 'data');
        const half = await connectTls(server.port);
        half.write('GET / HT');
        clients.push(idle, asked, half, await begun(server.port, Buffer.of(22, 3, 1)), await connectTls(server.port));
        clients.push(await connectTls(server.port, { ALPNProtocols: ['h2'] }));
      }
      for (const client of clients) client.on('error', () => client.destroy());
      await new Promise((resolve) => setTimeout(resolve, 50));
      await server.listener.drain(60_000);
      for (const client of clients) client.destroy();
    });
  }

  it('waits for a stream of HTTP/2 that is open, and not for the connection behind it', { timeout: 8_000 }, async () => {
    const begunAt = Promise.withResolvers<() => void>();
    await using server = await startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      onRequest: ({ sink }) => begunAt.resolve(() => sink.send({ status: 200, headers: [], body: 'whole' })),
    });
    const socket = await connectTls(server.port, { ALPNProtocols: ['h2'] });
    const session = connectOver('https://plain.test', { createConnection: () => socket });
    session.on('error', () => {});
    const stream = session.request({ ':path': '/' });
    const answer = begunAt.promise;
    let body = '';
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    const end = await answer;
    const drained = server.listener.drain(60_000);
    await once(session, 'goaway');
    end();
    await once(stream, 'close');
    assert.equal(body, 'whole');
    await drained;
  });
});

async function begun(port: number, bytes: string | Buffer): Promise<Duplex> {
  const socket = await connectPlain(port);
  socket.write(bytes);
  return socket;
}
