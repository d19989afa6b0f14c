import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { UpstreamRequest } from '../../../src/upstream/transport.ts';
import { ConnectionEnded } from '../../../src/upstream/transports/answer-error.ts';
import { PlainTransport } from '../../../src/upstream/transports/plain-transport.ts';
import type { RawUpstream } from '../raw-upstream.ts';
import { emptyAnswer, openRawUpstream } from '../raw-upstream.ts';
import { bodilessRequest } from './bodiless-request.ts';
import { Told } from './told.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('PlainTransport: an exchange', () => {
  it('tells of the head, the body and the trailers', async () => {
    const answer = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Made\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n';
    await using upstream = await openRawUpstream((socket) => socket.write(`${answer}5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n`));
    await using transport = transportTo(upstream);
    const told = await transport.ask();
    assert.deepEqual(told.events, ['start', 'begun', '103 Link,</a>', '201 X-A,b,Transfer-Encoding,chunked', 'end X-Sum,7']);
    assert.equal(told.body, 'hello');
    assert.equal(upstream.received[0], 'GET / HTTP/1.1\r\nhost: up\r\nconnection: keep-alive\r\n\r\n');
  });

  it('says of a head that it is all, where no body follows', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(emptyAnswer));
    await using transport = transportTo(upstream);
    const told = await transport.ask();
    assert.deepEqual(told.events, ['start', 'begun', '200 whole Content-Length,0', 'end ']);
  });

  it('goes to a unix socket as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-plain-'));
    const socketPath = join(folder, 'app.sock');
    const server = createServer((socket) => socket.once('data', () => socket.end(ok))).listen(socketPath);
    await once(server, 'listening');
    const transport = new PlainTransport({ target: { kind: 'unix', socketPath }, connectTimeoutMs: 1_000 });
    const told = new Told();
    transport.dispatch(bodilessRequest(), told);
    assert.equal((await told.over).body, 'ok');
    await transport.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('gives pieces of the body that stay what they are, however many come after them', async () => {
    const body = numberedBody();
    await using upstream = await openRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    await using transport = transportTo(upstream);
    const told = await transport.ask();
    await transport.ask();
    assert.equal(hashOf(told.chunks), hashOf([body]));
  });

  it('lends pieces of the body to whoever takes loans, and brings nothing more before they are back', async () => {
    const body = numberedBody();
    await using upstream = await openRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    await using transport = transportTo(upstream);
    for (const late of [(giveBack: () => void) => giveBack(), setImmediate, (giveBack: () => void) => setTimeout(giveBack, 1)]) {
      const told = new Told();
      let loans = 0;
      told.takesLoans = true;
      told.onLoan = (giveBack) => {
        loans += 1;
        const seen = told.chunks.length;
        late(() => {
          assert.equal(told.chunks.length, seen);
          giveBack();
        });
      };
      transport.dispatch(bodilessRequest(), told);
      await told.over;
      assert.equal(hashOf(told.chunks), hashOf([body]));
      assert.ok(loans > 8, `${loans} loans`);
      assert.ok(loans > told.chunks.length / 2, `${loans} loans, and ${told.chunks.length} pieces`);
    }
    assert.equal(upstream.received.length, 1);
  });

  it('goes on when it may be read and a loan is back, in whichever order', async () => {
    const size = 4 * 1024 * 1024;
    await using upstream = await openRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    await using transport = transportTo(upstream);
    for (const pausesFirst of [true, false]) {
      const told = new Told();
      told.takesLoans = true;
      told.onLoan = (giveBack) => {
        told.controller?.pause();
        const seen = told.chunks.length;
        const resume = (): void => told.controller?.resume();
        const [first, second] = pausesFirst ? [giveBack, resume] : [resume, giveBack];
        setImmediate(() => {
          first();
          setTimeout(() => {
            assert.equal(told.chunks.length, seen);
            second();
          }, 2);
        });
      };
      transport.dispatch(bodilessRequest(), told);
      await told.over;
      assert.equal(
        told.chunks.reduce((sum, chunk) => sum + chunk.length, 0),
        size,
      );
    }
  });

  it('ends when its upstream does while a piece is lent, and its loan may come back after that', async () => {
    const size = 1024 * 1024;
    await using upstream = await openRawUpstream((socket, head) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.end(Buffer.alloc(head.includes('/short') ? size - 1 : size));
    });
    await using transport = transportTo(upstream);
    for (const [path, last] of [
      ['/whole', 'end '],
      ['/short', 'error ERR_CONNECTION_ENDED'],
    ] as const) {
      const told = new Told();
      const back: (() => void)[] = [];
      told.takesLoans = true;
      told.onLoan = (giveBack) => {
        back.push(giveBack);
        const length = told.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        // The last one stays out.
        if (length < size - 1) setImmediate(giveBack);
      };
      transport.dispatch(bodilessRequest({ path }), told);
      if (path === '/short') {
        while (told.chunks.reduce((sum, chunk) => sum + chunk.length, 0) < size - 1) await new Promise(setImmediate);
        back.at(-1)?.();
      }
      await told.over;
      back.at(-1)?.();
      assert.equal(told.events.at(-1), last);
    }
  });

  it('that is given up while a piece is lent ends its connection', async () => {
    const size = 4 * 1024 * 1024;
    await using upstream = await openRawUpstream((socket) => {
      socket.on('error', () => undefined);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    await using transport = transportTo(upstream);
    const told = new Told();
    told.takesLoans = true;
    const { promise: lent, resolve } = Promise.withResolvers<() => void>();
    told.onLoan = resolve;
    transport.dispatch(bodilessRequest(), told);
    const giveBack = await lent;
    const seen = told.chunks.length;
    told.controller?.abort(new Error('enough'));
    giveBack();
    await upstream.left();
    assert.equal(told.chunks.length, seen);
  });

  it('reads nothing while it is paused', async () => {
    const size = 32 * 1024 * 1024;
    await using upstream = await openRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    await using transport = transportTo(upstream);
    const told = new Told();
    let pauses = 0;
    told.onData = (controller) => {
      controller.pause();
      const seen = told.chunks.length;
      pauses += 1;
      setImmediate(() => {
        assert.equal(told.chunks.length, seen);
        controller.resume();
      });
    };
    transport.dispatch(bodilessRequest(), told);
    await told.over;
    assert.equal(
      told.chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      size,
    );
    assert.equal(pauses, told.chunks.length);
  });

  it('of which nothing is sent when it would not be one request', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(ok));
    await using transport = transportTo(upstream);
    const told = await transport.ask({ path: '/a\r\nX: y' });
    assert.deepEqual(told.events, ['start', 'error ERR_UNSENDABLE']);
    await upstream.left();
    assert.deepEqual(upstream.received, ['']);
  });

  it('that is given up ends its connection', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab'));
    await using transport = transportTo(upstream);
    const told = new Told();
    const data = new Promise<void>((resolve) => {
      told.onData = (controller) => {
        controller.abort(new Error('enough'));
        resolve();
      };
    });
    transport.dispatch(bodilessRequest(), told);
    await data;
    await upstream.left();
    assert.deepEqual(told.events, ['start', 'begun', '200 Content-Length,10']);
  });

  it('that its handler can not take ends with what it threw', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(ok));
    await using transport = transportTo(upstream);
    const told = new Told();
    told.onData = () => {
      throw new RangeError('no');
    };
    transport.dispatch(bodilessRequest(), told);
    assert.deepEqual((await told.over).events.at(-1), 'error RangeError');
    await upstream.left();
  });
});

describe('PlainTransport: its connections', () => {
  it('carry one exchange at a time, one after the other, the last one used first', async () => {
    const waiting: Socket[] = [];
    await using upstream = await openRawUpstream((socket, head) => {
      if (head.includes('/wait')) waiting.push(socket);
      else socket.write(ok);
    });
    await using transport = transportTo(upstream);
    const both = [transport.ask({ path: '/wait/1' }), transport.ask({ path: '/wait/2' })];
    await upstream.until(() => waiting.length === 2);
    assert.equal(upstream.received.length, 2);
    const [first, second] = waiting;
    first?.write(ok);
    await both[0];
    await new Promise((resolve) => setImmediate(resolve));
    second?.write(ok);
    await both[1];
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await transport.ask({ path: '/next' });
    }
    assert.deepEqual([upstream.received.length, second === undefined ? 0 : countOf(upstream, second, '/next')], [2, 3]);
  });

  it('serve whoever asks in the moment in which one becomes free', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(ok));
    await using transport = transportTo(upstream);
    for (let turn = 0; turn < 20; turn += 1) assert.equal((await transport.ask()).body, 'ok');
    assert.equal(upstream.received.length, 1);
  });

  const ending: Readonly<Record<string, readonly [answer: string, method?: string]>> = {
    'it was announced': ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    'the upstream speaks HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    'the upstream keeps it for too short': ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok'],
    'bytes came behind the answer': [`${ok}x`],
    'another answer came behind it': [`${ok}${ok}`],
    'it answered HEAD': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'HEAD'],
    'a 204 spoke of a body': ['HTTP/1.1 204 x\r\nContent-Length: 2\r\n\r\n'],
  };
  for (const [why, [answer, method = 'GET']] of Object.entries(ending)) {
    it(`end behind an answer when ${why}`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.write(answer));
      await using transport = transportTo(upstream);
      assert.match((await transport.ask({ method })).events.at(-1) ?? '', /^end/);
      await upstream.left();
      await transport.ask({ method });
      assert.equal(upstream.received.length, 2);
    });
  }

  it('end when bytes come that nobody asked for, before somebody could take them for an answer', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(ok));
    await using transport = transportTo(upstream);
    await transport.ask();
    upstream.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    // It is in the kernel by now, and not read: the answer to the second request must not be that.
    assert.equal((await transport.ask()).body, 'ok');
    assert.equal(upstream.received.length, 2);
  });

  it('are given up before the upstream does so', async () => {
    await using upstream = await openRawUpstream((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\nok'),
    );
    await using transport = transportTo(upstream);
    await transport.ask();
    await upstream.left();
    assert.equal(upstream.received.length, 1);
  });

  it('are told to be stale when they end in the moment they are used again, and only then', async () => {
    let isOld = false;
    await using upstream = await openRawUpstream((socket) => {
      if (isOld) socket.destroy();
      else socket.write(ok);
    });
    await using transport = transportTo(upstream);
    await transport.ask();
    isOld = true;
    const used = await transport.ask();
    const fresh = await transport.ask();
    assert.deepEqual(
      [used, fresh].map(({ error }) => (error instanceof ConnectionEnded ? error.isStale : error)),
      [true, false],
    );
  });

  it('are broken when they end within an answer', async () => {
    await using upstream = await openRawUpstream((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok'));
    await using transport = transportTo(upstream);
    const told = await transport.ask();
    assert.deepEqual([told.events.at(-1), told.body], ['error ERR_CONNECTION_ENDED', 'ok']);
  });

  it('are broken by what is no answer', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\nContent-Length: 2\n\nok'));
    await using transport = transportTo(upstream);
    assert.deepEqual((await transport.ask()).events, ['start', 'begun', 'error ERR_ILLEGAL_ANSWER']);
    await upstream.left();
  });

  it('end the answer with them where nothing else says its end, and not when they are reset', async () => {
    await using upstream = await openRawUpstream((socket, head) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nok');
      if (head.includes('/reset')) setImmediate(() => socket.resetAndDestroy());
      else socket.end();
    });
    await using transport = transportTo(upstream);
    const ended = await transport.ask();
    const reset = await transport.ask({ path: '/reset' });
    assert.deepEqual([ended.body, ended.events.at(-1), reset.events.at(-1)], ['ok', 'end ', 'error ECONNRESET']);
  });

  it('are not there where nobody listens', async () => {
    const upstream = await openRawUpstream(() => undefined);
    await upstream[Symbol.asyncDispose]();
    await using transport = transportTo(upstream);
    assert.deepEqual((await transport.ask()).events, ['error ECONNREFUSED']);
  });

  it('are not waited for without end', async () => {
    await using deaf = await openDeafServer();
    const transport = new PlainTransport({ target: { kind: 'tcp', hostname: '127.0.0.1', port: deaf.port }, connectTimeoutMs: 100 });
    const told = new Told();
    transport.dispatch(bodilessRequest(), told);
    assert.deepEqual((await told.over).events, ['error ECONNECT_TIMEOUT']);
    await transport.close();
  });
});

describe('PlainTransport: close()', () => {
  it('waits for exchanges in flight, and for those that were promised a connection', async () => {
    const asked = Promise.withResolvers<Socket>();
    await using upstream = await openRawUpstream((socket, head) => {
      if (head.includes('/wait')) asked.resolve(socket);
      else socket.write(ok);
    });
    const transport = transportTo(upstream);
    await transport.ask();
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = transport.ask({ path: '/wait' });
    const closed = transport.close();
    assert.deepEqual((await transport.ask()).events, ['error ERR_TRANSPORT_CLOSED']);
    (await asked.promise).write(ok);
    assert.equal((await waiting).body, 'ok');
    await closed;
    await upstream.left();
    assert.equal(upstream.received.length, 1);
  });

  it('is done at once where nothing was ever asked, and twice', async () => {
    const transport = new PlainTransport({ target: { kind: 'tcp', hostname: '127.0.0.1', port: 1 }, connectTimeoutMs: 1 });
    await transport.close();
    await transport.close();
  });
});

interface AskingTransport extends AsyncDisposable {
  dispatch(request: UpstreamRequest, told: Told): void;
  close(): Promise<void>;
  /** Resolves when the exchange is over, well or not. */
  ask(given?: Parameters<typeof bodilessRequest>[0]): Promise<Told>;
}

function transportTo({ url }: RawUpstream): AskingTransport {
  const transport = new PlainTransport({
    target: { kind: 'tcp', hostname: url.hostname, port: Number(url.port) },
    connectTimeoutMs: 1_000,
  });
  return {
    dispatch: (request, told) => transport.dispatch(request, told),
    close: () => transport.close(),
    ask(given) {
      const told = new Told();
      transport.dispatch(bodilessRequest(given), told);
      return told.over;
    },
    [Symbol.asyncDispose]: () => transport.close(),
  };
}

function countOf({ sockets, received }: RawUpstream, socket: Socket, text: string): number {
  return (received[sockets.indexOf(socket)] ?? '').split(text).length - 1;
}

function hashOf(chunks: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** A server whose queue is full and that takes nobody out of it: who connects hears nothing. */
async function openDeafServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const script = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(script, { eval: true });
  const [port] = (await once(worker, 'message')) as [AddressInfo['port']];
  const fillers = Array.from({ length: 4 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => undefined));
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

/** 8 MiB of which no two pages are alike. */
function numberedBody(): Buffer {
  const body = Buffer.alloc(8 * 1024 * 1024);
  for (let at = 0; at < body.length; at += 4_096) body.writeUInt32BE(at, at);
  return body;
}
