import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { before, describe, it } from 'node:test';
import type { Connection } from '../../src/http/connection.ts';
import type { Reply } from '../../src/http/reply.ts';
import { askHttp2, connectHttp2, readAnswer } from './http2-client.ts';
import { binaryHeader, tcp4 } from './proxy-header-bytes.ts';
import { connectPlain, connectTls, readToEnd, readUntil, startTls } from './raw-client.ts';
import type { TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const whole = (path = '/'): string => `GET ${path} HTTP/1.1\r\nHost: plain.test\r\n\r\n`;

/** Answers at once, but for `/slow`: that one waits until it is told. */
function slowly(): { readonly onRequest: TestListenerOptions['onRequest']; readonly begun: Promise<() => void> } {
  const { promise: begun, resolve } = Promise.withResolvers<() => void>();
  return {
    begun,
    onRequest({ inbound, sink }) {
      if (inbound.path === '/slow') resolve(() => sendText(sink, 'at last'));
      else sendText(sink, 'at once');
    },
  };
}

describe('endConnections()', () => {
  let pki: TestPki;

  before(async () => {
    pki = await makePki();
  });

  const groups = () =>
    makeGroups(pki, [
      ['a.test', 'request', pki.a],
      ['plain.test', 'none'],
    ]);

  it('ends the idle connections that are over, and leaves the others alone', { timeout: 8_000 }, async () => {
    await using server = await startListener({ groups: groups() });
    const client = (servername: string, { certificatePem: cert, keyPem: key }: TestPki['alice']) =>
      idle(connectTls(server.port, { servername, cert, key }));
    const [alice, bob, other] = [await client('a.test', pki.alice), await client('a.test', pki.bob), await client('plain.test', pki.alice)];
    const gone = readToEnd(alice);
    assert.deepEqual([server.listener.endConnections(isAlice), server.listener.endConnections(isAlice)], [1, 0]);
    await gone;
    for (const socket of [bob, other]) {
      socket.write(whole('/again'));
      await readUntil(socket, /plain\.test\/again$/);
      socket.destroy();
    }
  });

  it('lets an answer of HTTP/1.1 that is under way come to its end, and says that it is the last', { timeout: 8_000 }, async () => {
    const { onRequest, begun } = slowly();
    await using server = await startListener({ groups: groups(), ...(onRequest === undefined ? {} : { onRequest }) });
    const socket = await connectTls(server.port);
    socket.write(whole('/slow'));
    const end = await begun;
    assert.deepEqual([server.listener.endConnections(() => true), server.listener.endConnections(() => true)], [1, 0]);
    end();
    assert.match(await readToEnd(socket), /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n(?:.*\r\n)*\r\nat last$/);
  });

  it('ends a connection with its answer also where the head had been sent before', { timeout: 8_000 }, async () => {
    const { promise: begun, resolve } = Promise.withResolvers<() => void>();
    await using server = await startListener({
      groups: groups(),
      onRequest({ sink }) {
        sink.head(200, ['Content-Length', '4']);
        sink.write(Buffer.from('ab'));
        resolve(() => {
          sink.write(Buffer.from('cd'));
          sink.end();
        });
      },
    });
    const socket = await connectTls(server.port);
    socket.write(whole());
    await readUntil(socket, /ab$/);
    server.listener.endConnections(() => true);
    const rest = readToEnd(socket);
    (await begun)();
    assert.equal(await rest, 'cd');
  });

  it('sends GOAWAY over HTTP/2, and lets open streams come to their end', { timeout: 8_000 }, async () => {
    const { onRequest, begun } = slowly();
    await using server = await startListener({ groups: groups(), ...(onRequest === undefined ? {} : { onRequest }) });
    const session = connectHttp2(server.port);
    const away = once(session, 'goaway');
    const closed = once(session, 'close');
    const stream = session.request({ ':path': '/slow', ':authority': 'plain.test' });
    const answer = readAnswer(stream);
    const end = await begun;
    assert.deepEqual([server.listener.endConnections(() => true), server.listener.endConnections(() => true)], [1, 0]);
    const [code] = (await away) as [number];
    end();
    const { status, body } = await answer;
    assert.deepEqual([code, status, body], [0, 200, 'at last']);
    await closed;
  });

  for (const [door, options, open] of [
    ['without TLS', { insecure: true }, connectPlain],
    ['behind a PROXY header', { proxyProtocol: true }, behindProxy],
  ] as const) {
    it(`knows the connections ${door}`, { timeout: 8_000 }, async () => {
      await using server = await startListener({ groups: groups(), ...options });
      const socket = await idle(open(server.port));
      const gone = readToEnd(socket);
      const seen: string[] = [];
      const look = ({ scheme, remoteAddress }: Connection): boolean => seen.push(`${scheme} ${remoteAddress}`) > 0;
      assert.equal(server.listener.endConnections(look), 1);
      await gone;
      assert.deepEqual(seen, ['insecure' in options ? 'http 127.0.0.1' : 'https 192.0.2.7']);
    });
  }
});

describe('a reply with Connection: close', () => {
  const last: Reply = { status: 495, headers: ['Content-Type', 'text/plain', 'Connection', 'close'], body: 'choose another' };

  it('is the last one on its connection, with HTTP/1.1 and with HTTP/2: a browser can choose another certificate on the next', async () => {
    const pki = await makePki();
    await using server = await startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      onRequest: ({ inbound, sink }) => (inbound.path === '/last' ? sink.send(last) : sendText(sink, 'more')),
    });
    const socket = await connectTls(server.port);
    socket.write(whole('/first') + whole('/last') + whole('/never'));
    const text = await readToEnd(socket);
    assert.deepEqual(text.match(/HTTP\/1\.1 .*|^Connection.*|more|choose another/gm), [
      'HTTP/1.1 200 OK',
      'Connection: keep-alive',
      'more',
      'HTTP/1.1 495 SSL Certificate Error',
      'Connection: close',
      'choose another',
    ]);

    const session = connectHttp2(server.port);
    const away = once(session, 'goaway');
    const closed = once(session, 'close');
    assert.equal((await askHttp2(session, { ':path': '/first' })).status, 200);
    const { status, headers, body } = await askHttp2(session, { ':path': '/last' });
    assert.deepEqual([status, headers['connection'], body], [495, undefined, 'choose another']);
    assert.equal((await away)[0], 0);
    await closed;
  });

  it('leaves what an upstream says of its own connection alone', async () => {
    const pki = await makePki();
    await using server = await startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      onRequest({ sink }) {
        sink.head(200, ['Connection', 'close', 'Content-Length', '2']);
        sink.write(Buffer.from('ok'));
        sink.end();
      },
    });
    const socket = await connectTls(server.port);
    socket.write(whole());
    assert.match(await readUntil(socket, /ok$/), /Connection: keep-alive/);
    socket.write(whole());
    await readUntil(socket, /ok$/);
    socket.destroy();
  });
});

/** A connection that has had its answer. */
async function idle<T extends Socket>(opening: Promise<T>): Promise<T> {
  const socket = await opening;
  socket.write(whole());
  await readUntil(socket, /plain\.test\/$/);
  return socket;
}

async function behindProxy(port: number): Promise<Socket> {
  const socket = await connectPlain(port);
  socket.write(binaryHeader(0x21, 0x11, tcp4('192.0.2.7', 4711)));
  return startTls(socket);
}

function isAlice({ certificate }: Connection): boolean {
  return certificate.kind === 'presented' && certificate.leaf.subject === 'CN=alice';
}
