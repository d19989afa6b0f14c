import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import { connectTls, exchangeRaw, readToEnd, readUntil } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const head = 'Host: plain.test\r\n';
const webSocket = `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;

describe('Http1Front', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });
  const groups = () => makeGroups(pki, [['plain.test', 'none']]);

  it('serves one request after the other on a connection, pipelined ones in order', async () => {
    const server = await startListener({ groups: groups() });
    await using _ = server;
    const socket = await connectTls(server.port);
    socket.write(`GET /1 HTTP/1.1\r\n${head}\r\nGET /2 HTTP/1.1\r\n${head}\r\n`);
    await readUntil(socket, /plain\.test\/1[^]*plain\.test\/2/);
    socket.write(`GET /3 HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
    assert.match(await readToEnd(socket), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*GET plain\.test\/3$/);
  });

  it('hands over headers as received, without Host', async () => {
    const seen: unknown[] = [];
    await using server = await startListener({
      groups: groups(),
      onRequest({ inbound, body, sink }) {
        seen.push([inbound.headers, inbound.protocol, inbound.id, inbound.receivedAt, inbound.rawAuthority, body]);
        sendText(sink, '');
      },
    });
    await exchangeRaw(server.port, 'GET / HTTP/1.1\r\nX-b: 1\r\nhOST: Plain.test\r\nx-B: 2\r\nConnection: close\r\n\r\n');
    await exchangeRaw(server.port, `GET / HTTP/1.0\r\n${head}\r\n`);
    assert.deepEqual(seen, [
      [['X-b', '1', 'x-B', '2', 'Connection', 'close'], 'http/1.1', 'the-id', 1_000, 'Plain.test', undefined],
      [[], 'http/1.0', 'the-id', 1_000, 'plain.test', undefined],
    ]);
  });

  it('answers what it refuses, closes, and hands nothing over', async () => {
    const handed: string[] = [];
    await using server = await startListener({ groups: groups(), onRequest: ({ inbound }) => void handed.push(inbound.path) });
    const requests: Readonly<Record<string, string>> = {
      [`GET / HTTP/1.1\r\n${head}Host: b.test\r\n\r\n`]: '400 header-duplicate',
      'GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n': '400 host-invalid',
      'GET / HTTP/1.1\r\n\r\n': '400 host-invalid',
      [`GET / HTTP/2.0\r\n${head}\r\n`]: '400 framing-invalid',
      [`GET / HTTP/0.9\r\n${head}\r\n`]: '400 framing-invalid',
      [`GET http://b.test/ HTTP/1.1\r\n${head}\r\n`]: '400 target-invalid',
      [`OPTIONS * HTTP/1.1\r\n${head}\r\n`]: '400 target-invalid',
      [`CONNECT b.test:443 HTTP/1.1\r\n${head}\r\n`]: '400 target-invalid',
      [`GET /a%2fb HTTP/1.1\r\n${head}\r\n`]: '400 path-escaped-slash',
      [`GET / HTTP/1.1\r\n${head}X_A: 1\r\n\r\n`]: '400 header-underscore',
      [`POST / HTTP/1.1\r\n${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`]: '400 framing-invalid',
      [`POST / HTTP/1.0\r\n${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`]: '400 framing-invalid',
      [`POST / HTTP/1.1\r\n${head}Expect: tea\r\nContent-Length: 1\r\n\r\n`]: '417 expectation-failed',
      [`GET / HTTP/1.1\r\n${head}${'a: b\r\n'.repeat(1_000)}\r\n`]: '431 headers-too-large',
      [`GET / HTTP/1.1\r\n${webSocket.replace('13', '12')}\r\n`]: '426 upgrade-invalid',
      // These the parser refuses by itself.
      [`GET / HTTP/1.1\r\n${head}a : b\r\n\r\n`]: '400 ',
      [`GET / HTTP/1.1\r\n${head}a: b\r\n c\r\n\r\n`]: '400 ',
      [`POST / HTTP/1.1\r\n${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`]: '400 ',
      [`POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`]: '400 ',
      [`GET / HTTP/1.1\r\n${head}a: ${'b'.repeat(130 * 1024)}\r\n\r\n`]: '431 ',
    };
    const answers: Record<string, string> = {};
    for (const request of Object.keys(requests)) {
      const answer = await exchangeRaw(server.port, request);
      assert.match(answer, /\r\nConnection: close\r\n/i, request.slice(0, 80));
      answers[request] = `${answer.slice(9, 12)} ${answer.split('\r\n\r\n')[1]}`;
    }
    assert.deepEqual(answers, requests);
    assert.deepEqual(handed, []);
    assert.equal(server.refusals.length, 15);
    assert.deepEqual(
      server.broken.map((line) => line.slice(0, 3)),
      ['400', '400', '400', '400', '431'],
    );
  });

  it('cuts a client that sends its header one byte at a time, and one that sends none', async () => {
    await using server = await startListener({ groups: groups(), limits: { headMs: 100, checkEveryMs: 20 } });
    const slow = await connectTls(server.port);
    const letters = `GET / HTTP/1.1\r\n${head}X: ${'y'.repeat(100)}`.split('');
    const drip = setInterval(() => slow.write(letters.shift() ?? 'y'), 5);
    const silent = await connectTls(server.port);
    const answers = await Promise.all([readToEnd(slow), readToEnd(silent)]);
    clearInterval(drip);
    assert.deepEqual(
      answers.map((text) => text.slice(0, 12)),
      ['HTTP/1.1 408', 'HTTP/1.1 408'],
    );
  });

  it('reads no second request out of what follows an ignored offer to upgrade', async () => {
    const handed: string[] = [];
    await using server = await startListener({
      groups: groups(),
      onRequest({ inbound, sink }) {
        handed.push(`${inbound.path} ${inbound.upgrade}`);
        sendText(sink, 'plain');
      },
    });
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    const answer = await exchangeRaw(server.port, `GET /1 HTTP/1.1\r\n${head}${offer}\r\nGET /2 HTTP/1.1\r\n${head}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*plain$/);
    assert.deepEqual(handed, ['/1 undefined']);
  });

  it('hands a WebSocket handshake over with its socket and what was sent after it', async () => {
    await using server = await startListener({
      groups: groups(),
      onUpgrade({ inbound, socket, head: early, request }) {
        socket.end(`${inbound.upgrade} ${inbound.path} ${early.toString()} ${request.headers['sec-websocket-version']}`);
      },
    });
    assert.equal(await exchangeRaw(server.port, `GET /ws HTTP/1.1\r\n${webSocket}\r\nframe`), 'websocket /ws frame 13');
  });

  it('refuses an upgrade with a whole answer, and never reads on', async () => {
    const handed: Exchange[] = [];
    await using server = await startListener({ groups: groups(), onRequest: (exchange) => void handed.push(exchange) });
    const answer = await exchangeRaw(server.port, `GET /ws HTTP/1.1\r\n${webSocket}\r\nGET /2 HTTP/1.1\r\n${head}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\nContent-Length: 10\r\nConnection: close\r\nDate: [^\r]*\r\n\r\nno upgrade$/);
    assert.deepEqual(handed, []);
  });

  it('asks for the body of an expectant client only when somebody wants it', async () => {
    await using server = await startListener({
      groups: groups(),
      async onRequest({ inbound, body, sink }) {
        if (inbound.path === '/no') return sendText(sink, 'denied', 403);
        const chunks = await body?.stream.toArray();
        sendText(sink, String(chunks));
      },
    });
    const ask = async (path: string) => {
      const socket = await connectTls(server.port);
      socket.write(`POST ${path} HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
      return { socket, first: await readUntil(socket, /\r\n\r\n/) };
    };
    const denied = await ask('/no');
    assert.match(denied.first, /^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close\r\n[^]*denied$/);
    const wanted = await ask('/yes');
    assert.equal(wanted.first, 'HTTP/1.1 100 Continue\r\n\r\n');
    wanted.socket.write('body');
    assert.match(await readUntil(wanted.socket, /body$/), /^HTTP\/1\.1 200 OK/);
    wanted.socket.destroy();
  });

  it('hands over bodies with their trailers, whatever their size, at the pace of the reader', async () => {
    const payload = Buffer.alloc(3_000_000, 'postern');
    await using server = await startListener({
      groups: groups(),
      async onRequest({ body, sink }) {
        const hash = createHash('sha256');
        for await (const chunk of body?.stream ?? []) hash.update(chunk as Buffer);
        sendText(sink, `${hash.digest('hex')} ${body?.length} ${body?.trailers().join('=')}`);
      },
    });
    const digest = createHash('sha256').update(payload).digest('hex');
    const socket = await connectTls(server.port);
    socket.write(`POST / HTTP/1.1\r\n${head}Content-Length: ${payload.length}\r\n\r\n`);
    socket.write(payload);
    assert.match(await readUntil(socket, /\r\n\r\n.+ .+ /), new RegExp(`${digest} ${payload.length} $`));
    socket.write(`POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`);
    socket.write(Buffer.concat([Buffer.from(`${payload.length.toString(16)}\r\n`), payload, Buffer.from('\r\n0\r\nX-Sum: 1\r\n\r\n')]));
    assert.match(await readToEnd(socket), new RegExp(`${digest} undefined X-Sum=1$`));
  });

  it('stops taking a body that nobody reads', async () => {
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    await using server = await startListener({ groups: groups(), onRequest: resolve });
    const socket = await connectTls(server.port);
    socket.on('error', () => {});
    socket.write(`POST / HTTP/1.1\r\n${head}Content-Length: 100000000\r\n\r\n`);
    const { body } = await promise;
    const chunk = Buffer.alloc(1_000_000);
    let sent = 0;
    while (socket.write(chunk) || (await drainedWithin(socket, 150))) sent += 1;
    assert.ok(sent < 20, `${sent} MB were taken`);
    assert.equal(body?.stream.readableFlowing, null);
    socket.destroy();
  });

  it('shows the reader that the client went away, and that it went silent', async () => {
    const errors: (string | undefined)[] = [];
    const { promise: both, resolve } = Promise.withResolvers<void>();
    await using server = await startListener({
      groups: groups(),
      limits: { bodyIdleMs: 50, lingerMs: 50 },
      onRequest({ body, sink }) {
        body?.stream.resume().on('error', (error: NodeJS.ErrnoException) => {
          errors.push(error.code);
          if (error.code === 'client-timeout') sendText(sink, 'too slow', 408);
          if (errors.length === 2) resolve();
        });
      },
    });
    const gone = await connectTls(server.port);
    gone.write(`POST / HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\nabc`, () => gone.destroy());
    const silent = await exchangeRaw(server.port, `POST / HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\nabc`);
    await both;
    assert.match(silent, /^HTTP\/1\.1 408 [^]*Connection: close\r\n[^]*too slow$/);
    assert.deepEqual(new Set(errors), new Set(['client-aborted', 'client-timeout']));
  });

  it('leaves the connection alone when the reader gives up, so that the answer arrives', async () => {
    await using server = await startListener({
      groups: groups(),
      onRequest({ body, sink }) {
        body?.stream.once('data', () => {
          body.stream.destroy(new Error('the upstream is gone'));
          sendText(sink, 'bad gateway', 502);
        });
      },
    });
    const socket = await connectTls(server.port);
    const answer = readToEnd(socket);
    socket.write(`POST / HTTP/1.1\r\n${head}Content-Length: 3000000\r\n\r\n`);
    socket.write(Buffer.alloc(3_000_000));
    assert.match(await answer, /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*Connection: close\r\n[^]*bad gateway$/);
  });

  it('hands over nothing of a request whose body turns out malformed in the same segment', async () => {
    const handed: string[] = [];
    await using server = await startListener({ groups: groups(), onRequest: ({ inbound }) => void handed.push(inbound.path) });
    await exchangeRaw(server.port, `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0x\r\n`);
    assert.deepEqual(handed, []);
  });

  it('survives a handler that throws', async () => {
    await using server = await startListener({
      groups: groups(),
      onRequest() {
        throw new Error('handler');
      },
      onUpgrade() {
        throw new Error('handler');
      },
    });
    assert.equal(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${head}\r\n`), '');
    assert.equal(await exchangeRaw(server.port, `GET / HTTP/1.1\r\n${webSocket}\r\n`), '');
    assert.equal(server.faults.length, 2);
  });
});

async function drainedWithin(socket: NodeJS.EventEmitter, ms: number): Promise<boolean> {
  try {
    await once(socket, 'drain', { signal: AbortSignal.timeout(ms) });
    return true;
  } catch {
    return false;
  }
}
