import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import { connectPlain, connectTls, exchangeRaw, readToEnd, readUntil } from './raw-client.ts';
import type { TestListener, TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const timely = { timeout: 8_000 };
const head = 'Host: plain.test\r\n';
const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\n${head}${fields}\r\n`;
const webSocket = `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;
/** What the clock of these listeners says: Node has a clock of its own, so it tells who answered. */
const ours = 'Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n';

describe('Http1Lane', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function listening(options: Partial<TestListenerOptions> = {}): Promise<TestListener> {
    return startListener({ groups: makeGroups(pki, [['plain.test', 'none']]), onRequest: tellWhatCame, ...options });
  }

  it('answers one simple request after the other, each in one piece', timely, async () => {
    await using server = await listening();
    const socket = await connectTls(server.port);
    for (const path of ['/1', '/2', '/3']) {
      socket.write(get(path));
      const answer = await nextData(socket);
      assert.equal(
        answer,
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n${ours}Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\nGET ${path}  .`,
      );
    }
    socket.write(`HEAD /4 HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
    assert.equal(
      await readToEnd(socket),
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n${ours}Connection: close\r\n\r\n`,
    );
  });

  describe('hands a connection over to the parser, with every byte, when it brings', () => {
    // What is written in pieces, and what comes back.
    const cases: Readonly<Record<string, readonly [pieces: readonly string[], answer: RegExp]>> = {
      'a body': [[`POST /b HTTP/1.1\r\n${head}Content-Length: 4\r\n\r\nbody`], /\r\n\r\nPOST \/b body \.$/],
      'a body in pieces': [[`POST /b HTTP/1.1\r\n${head}Content-Length: 4\r\n\r\nbo`, 'dy'], /\r\n\r\nPOST \/b body \.$/],
      'chunks and trailers': [
        [`POST /b HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`, '0\r\nX-T: 1\r\n\r\n'],
        /\r\n\r\nPOST \/b body X-T,1\.$/,
      ],
      'a GET with a body': [[`GET /b HTTP/1.1\r\n${head}Content-Length: 4\r\n\r\nbody`], /\r\n\r\nGET \/b body \.$/],
      'a head in two pieces': [['GET /b HT', `TP/1.1\r\n${head}\r\n`], /\r\n\r\nGET \/b  \.$/],
      'a head byte by byte': [get('/b').split(''), /\r\n\r\nGET \/b  \.$/],
      'two requests at once': [[get('/b') + get('/c')], /\r\n\r\nGET \/b  \.[^]*\r\n\r\nGET \/c  \.$/],
      'a simple request and a half': [[`${get('/b')}GET /c`, ` HTTP/1.1\r\n${head}\r\n`], /\r\n\r\nGET \/b  \.[^]*\r\n\r\nGET \/c  \.$/],
      'an empty line first': [[`\r\n${get('/b')}`], /\r\n\r\nGET \/b  \.$/],
      'another version': [[`GET /b HTTP/1.0\r\n${head}\r\n`], /Connection: close\r\n\r\nGET \/b  \.$/],
      'an expectation': [
        [`POST /b HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`, 'body'],
        /^HTTP\/1\.1 100 [^]*POST \/b body \.$/,
      ],
      'a WebSocket handshake': [[`GET /ws HTTP/1.1\r\n${webSocket}\r\nearly`], /^websocket \/ws early$/],
      'a CONNECT': [[`CONNECT plain.test:443 HTTP/1.1\r\n${head}\r\n`], /^HTTP\/1\.1 400 [^]*target-invalid$/],
      'line ends without a carriage return': [[`GET /b HTTP/1.1\nHost: plain.test\n\n`], /^HTTP\/1\.1 400 [^]*Content-Length: 0\r\n\r\n$/],
      'a folded field': [[get('/b', 'X: a\r\n b\r\n')], /^HTTP\/1\.1 400 [^]*Content-Length: 0\r\n\r\n$/],
      'too many bytes': [[get('/b', `X: ${'y'.repeat(140_000)}\r\n`)], /^HTTP\/1\.1 431 /],
      'too many fields': [[get('/b', 'a: b\r\n'.repeat(1_000))], /^HTTP\/1\.1 431 [^]*headers-too-large$/],
    };
    for (const [what, [pieces, expected]] of Object.entries(cases)) {
      it(what, timely, async () => {
        await using server = await listening({
          onUpgrade: ({ inbound, socket, head: early }) => socket.end(`${inbound.upgrade} ${inbound.path} ${early.toString()}`),
        });
        for (const first of ['', get('/first')]) {
          const socket = await connectTls(server.port);
          socket.on('error', () => undefined);
          if (first !== '') {
            socket.write(first);
            assert.match(await nextData(socket), /GET \/first/);
          }
          const answer = readUntil(socket, expected);
          for (const piece of pieces) {
            socket.write(piece, 'latin1');
            await new Promise(setImmediate);
          }
          assert.doesNotMatch(await answer, new RegExp(ours));
          socket.destroy();
        }
      });
    }
  });

  it('does not come back once it has left the lane', timely, async () => {
    await using server = await listening();
    const socket = await connectTls(server.port);
    socket.write(`POST /1 HTTP/1.1\r\n${head}Content-Length: 1\r\n\r\nx`);
    await readUntil(socket, /POST \/1 x \.$/);
    socket.write(get('/2'));
    assert.doesNotMatch(await readUntil(socket, /GET \/2 {2}\.$/), new RegExp(ours));
    socket.destroy();
  });

  it('looks at what came before the answer when it is over, simple or not', timely, async () => {
    const { held, onRequest } = holding();
    await using server = await listening({ onRequest });
    const socket = await connectTls(server.port);
    const text = readToEnd(socket);
    socket.write(get('/1'));
    const first = await held('/1');
    socket.write(get('/2').slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(get('/2').slice(20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    sendText(first.sink, 'first');
    const second = await held('/2');
    socket.write(`POST /3 HTTP/1.1\r\n${head}Connection: close\r\nContent-Length: 4\r\n\r\nbody`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    sendText(second.sink, 'second');
    const third = await held('/3');
    const body = await third.body?.stream.toArray();
    sendText(third.sink, `third ${String(body)}`);
    assert.deepEqual((await text).match(/Date: .*1970|first|second|third body/g), [
      'Date: Thu, 01 Jan 1970',
      'first',
      'Date: Thu, 01 Jan 1970',
      'second',
      'third body',
    ]);
  });

  it('takes only so much before the answer, and all of it in the end', timely, async () => {
    const { held, onRequest } = holding();
    await using server = await listening({ onRequest });
    const socket = await connectTls(server.port);
    socket.write(get('/1'));
    const first = await held('/1');
    const body = Buffer.alloc(30_000_000, 'x');
    socket.write(`POST /2 HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(socket.writableLength > 10_000_000, `${socket.writableLength} bytes are left`);
    sendText(first.sink, 'first');
    const second = await held('/2');
    let count = 0;
    for await (const chunk of second.body?.stream ?? []) count += (chunk as Buffer).length;
    sendText(second.sink, `second ${count}`);
    await readUntil(socket, /first[^]*second 30000000$/);
    socket.destroy();
  });

  it('ends a connection on which another protocol is asked for before the answer', timely, async () => {
    for (const takeover of [`GET /ws HTTP/1.1\r\n${webSocket}\r\n`, `CONNECT plain.test:443 HTTP/1.1\r\n${head}\r\n`]) {
      const { held, onRequest } = holding();
      await using server = await listening({ onRequest });
      const socket = await connectTls(server.port);
      const text = readToEnd(socket);
      socket.write(get('/1'));
      const { sink } = await held('/1');
      socket.write(takeover.slice(0, 5));
      await new Promise(setImmediate);
      socket.write(takeover.slice(5));
      assert.equal(await text, '');
      sendText(sink, 'too late');
    }
  });

  it('tells the exchange that the client went away, whole or by half', timely, async () => {
    for (const leave of [(socket: TLSSocket) => socket.destroy(), (socket: TLSSocket) => socket.end()]) {
      const { held, onRequest } = holding();
      await using server = await listening({ onRequest });
      const socket = await connectTls(server.port);
      socket.on('error', () => undefined);
      socket.write(get('/1'));
      const { sink } = await held('/1');
      const closed = new Promise((resolve) => sink.onClose((...end) => resolve([...end, sink.status, sink.bytesWritten])));
      leave(socket);
      assert.deepEqual(await closed, [false, undefined, undefined, 0]);
      // Whoever answers all the same does no harm.
      sendText(sink, 'too late');
      sink.abort();
      socket.destroy();
    }
  });

  it('acts upon nothing behind an answer that is the last one', timely, async () => {
    const paths: string[] = [];
    await using server = await listening({
      onRequest({ inbound, sink }) {
        paths.push(inbound.path);
        setTimeout(() => sendText(sink, 'last'), 30);
      },
    });
    for (const first of [get('/first', 'Connection: close\r\n'), get('/a%2fb')]) {
      const socket = await connectTls(server.port);
      const text = readToEnd(socket);
      socket.write(first);
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.write(get('/second'));
      assert.equal((await text).match(/HTTP\/1\.1/g)?.length, 1);
    }
    assert.deepEqual(paths, ['/first']);
  });

  it('answers a refusal, says that it is the last, and counts it', timely, async () => {
    await using server = await listening();
    assert.equal(
      await exchangeRaw(server.port, get('/', 'X_A: 1\r\n')),
      `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 17\r\n${ours}Connection: close\r\n\r\nheader-underscore`,
    );
    assert.equal(server.refusals.length, 1);
  });

  it('cuts a connection that waits for too long, and none whose answer takes long', timely, async () => {
    const { held, onRequest } = holding();
    await using server = await listening({ onRequest, limits: { headMs: 60, keepAliveMs: 60, checkEveryMs: 10 } });
    const silent = await connectTls(server.port);
    assert.match(await readToEnd(silent), /^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n$/);
    const socket = await connectTls(server.port);
    const text = readToEnd(socket);
    socket.write(get('/1'));
    const { sink } = await held('/1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(socket.closed, false);
    sendText(sink, 'late');
    assert.match(await text, /Keep-Alive: timeout=0\r\n\r\nlate$/);
    assert.deepEqual(server.broken, []);
  });

  it('keeps time for each request of a connection that is used, over many of them', timely, async () => {
    await using server = await listening({ limits: { headMs: 40, keepAliveMs: 80, checkEveryMs: 10 } });
    const socket = await connectTls(server.port);
    for (let turn = 0; turn < 6; turn += 1) {
      socket.write(get(`/${turn}`));
      await readUntil(socket, /\.$/);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    socket.destroy();
  });

  it('serves connections without TLS, whose first bytes were looked at, as well', timely, async () => {
    await using server = await listening({ insecure: true });
    const socket = await connectPlain(server.port);
    for (const path of ['/1', '/2']) {
      socket.write(get(path));
      assert.match(await readUntil(socket, /\.$/), new RegExp(`${ours}[^]*GET ${path}`));
    }
    socket.destroy();
  });

  it('goes on when a handler throws, but not with that connection', timely, async () => {
    await using server = await listening({
      onRequest({ inbound, sink }) {
        if (inbound.path === '/bad') throw new Error('handler');
        sendText(sink, 'fine');
      },
    });
    assert.equal(await exchangeRaw(server.port, get('/bad')), '');
    assert.match(await exchangeRaw(server.port, get('/', 'Connection: close\r\n')), /fine$/);
    assert.equal(server.faults.length, 1);
  });
});

async function tellWhatCame({ inbound, body, sink }: Exchange): Promise<void> {
  const bytes = body === undefined ? '' : Buffer.concat((await body.stream.toArray()) as Buffer[]).toString();
  sendText(sink, `${inbound.method} ${inbound.path} ${bytes} ${body?.trailers().join() ?? ''}.`);
}

/** Keeps every exchange until the test takes it by its path. */
function holding(): { held: (path: string) => Promise<Exchange>; onRequest: (exchange: Exchange) => void } {
  const exchanges = new Map<string, PromiseWithResolvers<Exchange>>();
  const slot = (path: string): PromiseWithResolvers<Exchange> => {
    const known = exchanges.get(path) ?? Promise.withResolvers<Exchange>();
    exchanges.set(path, known);
    return known;
  };
  return { held: (path) => slot(path).promise, onRequest: (exchange) => slot(exchange.inbound.path).resolve(exchange) };
}

async function nextData(socket: TLSSocket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString('latin1');
}
