import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { before, describe, it } from 'node:test';
import type { Connection } from '../../src/http/connection.ts';
import { askHttp2 } from './http2-client.ts';
import { binaryHeader, tcp4 } from './proxy-header-bytes.ts';
import { connect as connectRaw } from 'node:net';
import { connectPlain, connectTls, exchangePlain, readToEnd, readUntil, writeBytewise } from './raw-client.ts';
import type { TestListener, TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const head = 'Host: plain.test\r\n';
const last = `${head}Connection: close\r\n\r\n`;
const webSocket = `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;

describe('PlainConnections', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function listening(options: Partial<TestListenerOptions> = {}): Promise<TestListener> {
    const groups = makeGroups(pki, [
      ['plain.test', 'none'],
      ['a.test', 'request', pki.a],
    ]);
    return startListener({ groups, insecure: true, ...options });
  }

  it('serves HTTP/1.1 over a connection that was asked for nothing and showed nothing', async () => {
    const connections: Connection[] = [];
    await using server = await listening({
      onRequest({ inbound, sink }) {
        connections.push(inbound.connection);
        sendText(sink, inbound.path);
      },
    });
    const socket = await connectPlain(server.port);
    const { localPort } = socket;
    socket.write(`GET /1 HTTP/1.1\r\n${head}\r\nPOST /2 HTTP/1.1\r\nContent-Length: 4\r\n${head}\r\nbody`);
    await readUntil(socket, /\/1[^]*\/2$/);
    socket.write(`GET /3 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
    assert.match(await readToEnd(socket), /\/3$/);
    const plain: Connection = {
      id: 1,
      scheme: 'http',
      sniRaw: undefined,
      hostname: undefined,
      group: makeGroups(pki, []).groupFor(undefined).id,
      asked: false,
      remoteAddress: '127.0.0.1',
      remotePort: localPort ?? 0,
      tlsVersion: '',
      resumed: false,
      certificate: { kind: 'none' },
    };
    assert.deepEqual(connections, [plain, plain, plain]);
    while (server.counts.length < 2) await new Promise(setImmediate);
    assert.deepEqual([server.counts, server.outcomes], [[1, 0], []]);
  });

  it('serves HTTP/2 to those who know beforehand', async () => {
    await using server = await listening();
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const answers = await Promise.all(['/1', '/2'].map((path) => askHttp2(session, { ':path': path })));
    session.destroy();
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body]),
      [
        [200, 'GET plain.test/1'],
        [200, 'GET plain.test/2'],
      ],
    );
  });

  it('tells the protocols apart however the first bytes are cut', async () => {
    await using server = await listening();
    // What only begins like the preface of HTTP/2 is a method that the parser does not know.
    const statuses = { GET: 200, PUT: 200, POST: 200, PATCH: 200, P: 400, PR: 400, PRI: 400, PRIX: 400 };
    for (const [method, status] of Object.entries(statuses)) {
      const socket = await connectPlain(server.port);
      const answer = readToEnd(socket);
      await writeBytewise(socket, Buffer.from(`${method} / HTTP/1.1\r\n${last}`));
      assert.ok((await answer).startsWith(`HTTP/1.1 ${status} `), method);
    }
    const socket = await connectPlain(server.port);
    await writeBytewise(socket, Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'));
    const [settings] = (await once(socket, 'data')) as [Buffer];
    assert.equal(settings[3], 4, 'a SETTINGS frame');
    socket.destroy();
  });

  it('upgrades', async () => {
    await using server = await listening({
      onUpgrade({ inbound, socket, head: early }) {
        socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${inbound.upgrade} ${early.toString()}`);
      },
    });
    assert.match(await exchangePlain(server.port, `GET / HTTP/1.1\r\n${webSocket}early`), /^HTTP\/1\.1 101[^]*websocket early$/);
  });

  it('refuses what the listener with TLS refuses, and upgrades that nobody wants', async () => {
    await using server = await listening();
    assert.match(await exchangePlain(server.port, `GET / HTTP/1.1\r\n${webSocket}`), /^HTTP\/1\.1 403[^]*no upgrade$/);
    assert.match(await exchangePlain(server.port, `CONNECT plain.test:443 HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 400[^]*target-invalid$/);
    assert.match(await exchangePlain(server.port, `GET /a%2fb HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 400[^]*path-escaped-slash$/);
    assert.match(await exchangePlain(server.port, `GET / HTTP/1.1\r\n${head}${head}\r\n`), /^HTTP\/1\.1 400[^]*header-duplicate$/);
    assert.match(await exchangePlain(server.port, '\0\0\0\0\r\n\r\n'), /^HTTP\/1\.1 400/);
  });

  it('answers a ClientHello with a sentence, and tells that it came', async () => {
    await using server = await listening();
    await assert.rejects(connectTls(server.port), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    assert.match(await exchangePlain(server.port, '\x16\x03\x01\x02\0\x01'), /^HTTP\/1\.1 400 Bad Request\r\n[^]*http:\/\/\n$/);
    assert.deepEqual(
      server.outcomes.map(({ result, reason, remoteAddress }) => [result, reason, remoteAddress]),
      Array.from({ length: 2 }, () => ['malformed', 'TLS on a port that speaks HTTP without it', '127.0.0.1']),
    );
  });

  it('closes on silence, on a head that never ends and between requests, and says nothing of those who never asked', async () => {
    await using server = await listening({ limits: { headMs: 60, keepAliveMs: 60, checkEveryMs: 10 } });
    assert.equal(await exchangePlain(server.port, ''), '');
    assert.equal(await exchangePlain(server.port, 'PRI * HTT'), '');
    assert.match(await exchangePlain(server.port, 'GET / HT'), /^HTTP\/1\.1 408/);
    assert.match(await exchangePlain(server.port, `GET / HTTP/1.1\r\n${head}\r\n`), /200 OK[^]*plain\.test\/$/);
    assert.deepEqual(server.outcomes, []);
  });

  it('takes the peer from a PROXY header, byte by byte, and keeps what follows for the request', async () => {
    const peers: string[] = [];
    await using server = await listening({
      proxyProtocol: true,
      onRequest({ inbound: { connection }, sink }) {
        peers.push(`${connection.remoteAddress} ${connection.scheme}`);
        sendText(sink, 'ok');
      },
    });
    const headers = [
      Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 80\r\n'),
      binaryHeader(0x21, 0x11, tcp4('192.0.2.8', 1)),
      binaryHeader(0x20, 0, Buffer.alloc(0)),
    ];
    for (const header of headers) {
      const bytes = Buffer.concat([header, Buffer.from(`GET / HTTP/1.1\r\n${last}`)]);
      assert.match(await exchangePlain(server.port, bytes), /200 OK/);
      const socket = await connectPlain(server.port);
      const answer = readToEnd(socket);
      await writeBytewise(socket, bytes);
      assert.match(await answer, /200 OK/);
    }
    assert.deepEqual(
      peers,
      ['192.0.2.7', '192.0.2.7', '192.0.2.8', '192.0.2.8', '127.0.0.1', '127.0.0.1'].map((peer) => `${peer} http`),
    );
    const session = connectHttp2(`http://127.0.0.1:${server.port}`, {
      createConnection: () => {
        const socket = connectRaw(server.port, '127.0.0.1');
        socket.write('PROXY TCP4 192.0.2.9 198.51.100.1 56324 80\r\n');
        return socket;
      },
    });
    assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
    session.destroy();
    assert.equal(peers.at(-1), '192.0.2.9 http');
  });

  it('closes without a PROXY header where one is required, and tells why', async () => {
    await using server = await listening({ proxyProtocol: true, limits: { helloMs: 60 } });
    assert.equal(await exchangePlain(server.port, `GET / HTTP/1.1\r\n${last}`), '');
    assert.equal(await exchangePlain(server.port, 'PROXY TCP4 1.2.3'), '');
    assert.match(await exchangePlain(server.port, 'PROXY TCP4 192.0.2.7 1.2.3.4 1 1\r\n\x16\x03\x01'), /^HTTP\/1\.1 400/);
    assert.deepEqual(
      server.outcomes.map(({ result, reason, remoteAddress }) => [result, reason, remoteAddress]),
      [
        ['malformed', 'the connection does not begin with a PROXY header', '127.0.0.1'],
        ['timeout', 'no complete PROXY header in time', '127.0.0.1'],
        ['malformed', 'TLS on a port that speaks HTTP without it', '192.0.2.7'],
      ],
    );
  });

  it('gives a request behind its PROXY header the time of every other', async () => {
    await using server = await listening({ proxyProtocol: true, limits: { helloMs: 30, headMs: 10_000 } });
    const socket = await connectPlain(server.port);
    const answer = readToEnd(socket);
    socket.write('PROXY UNKNOWN\r\n');
    await new Promise((resolve) => setTimeout(resolve, 80));
    socket.write(`GET / HTTP/1.1\r\n${last}`);
    assert.match(await answer, /200 OK/);
  });
});
