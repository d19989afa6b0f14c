import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { inboundOf } from './example-request.ts';
import { FakeSink, failureCode, forward, poolTo, routeOf } from './forwarding.ts';
import { emptyAnswer, openRawUpstream } from './raw-upstream.ts';

const size = 64 * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, 'x');
// What the kernel may hold of a loopback connection, and a little of ours.
const mostInFlight = 16 * 1024 * 1024;

describe('forwardRequest(): streaming', () => {
  it('reads an answer no faster than the client does', async () => {
    let written = 0;
    await using upstream = await openPlainServer((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const pump = (): void => {
          while (written < size) {
            written += chunk.length;
            if (!socket.write(chunk)) return void socket.once('drain', pump);
          }
        };
        pump();
      });
    });
    await using pool = poolTo(upstream.url);
    const sink = new FakeSink();
    sink.slow = true;
    let ahead = 0;
    let undrained = 0;
    let mostUndrained = 0;
    sink.onWrite = () => {
      ahead = Math.max(ahead, written - sink.bytesWritten);
      undrained += 1;
      mostUndrained = Math.max(mostUndrained, undrained);
      setImmediate(() => {
        undrained = 0;
        sink.drain();
      });
    };
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf(), { sink })), 'done 200 whole');
    assert.equal(sink.bytesWritten, size);
    assert.ok(ahead < mostInFlight, `${ahead} bytes in flight`);
    assert.ok(mostUndrained <= 2, `${mostUndrained} writes before the client was ready again`);
  });

  it('reads a body no faster than the upstream does', async () => {
    let arrived = 0;
    await using upstream = await openPlainServer((socket) => {
      socket.on('data', (data: Buffer) => {
        arrived += data.length;
        socket.pause();
        setImmediate(() => socket.resume());
        if (arrived > size) socket.write(emptyAnswer);
      });
    });
    await using pool = poolTo(upstream.url);
    let produced = 0;
    let ahead = 0;
    const stream = new Readable({
      read() {
        ahead = Math.max(ahead, produced - arrived);
        produced += chunk.length;
        this.push(produced > size ? null : chunk);
      },
    });
    const body = { stream, length: size, trailers: () => [] };
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ method: 'PUT' }), { body })), 'done 200 whole');
    assert.ok(ahead < mostInFlight, `${ahead} bytes in flight`);
  });

  it('passes events on as they come', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'));
    await using pool = poolTo(upstream.url);
    const sink = new FakeSink();
    const begun = new Promise<void>((resolve) => {
      sink.onHead = resolve;
    });
    const run = forward(routeOf(pool), inboundOf(), { sink });
    await begun;
    sink.slow = true;
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      const written = new Promise<void>((resolve) => {
        sink.onWrite = resolve;
      });
      upstream.sockets[0]?.write(event);
      await written;
      sink.drain();
    }
    upstream.sockets[0]?.end();
    assert.deepEqual([await failureCode(run), sink.bytesWritten], ['done 200 whole', 18]);
  });
});

describe('forwardRequest(): one side goes away', () => {
  it('sends nothing for a client that left while the connection was being made', async () => {
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf());
    run.sink.close('aborted');
    assert.equal(await failureCode(run), 'client-aborted');
    await upstream.left();
    assert.deepEqual(upstream.received.join(''), '');
  });

  it('lets go of the upstream when the client leaves before the answer', async () => {
    await using upstream = await openRawUpstream(() => run.sink.close('aborted'));
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf());
    assert.equal(await failureCode(run), 'client-aborted');
    await upstream.left();
  });

  it('lets go of the upstream when the client leaves within the answer', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
    await using pool = poolTo(upstream.url);
    const sink = new FakeSink();
    sink.slow = true;
    sink.onWrite = () => setImmediate(() => sink.close('aborted'));
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf(), { sink })), 'done 200 client-aborted');
    await upstream.left();
  });

  it('lets go of the upstream when the body breaks off, with or without an error, or is shorter than announced', async () => {
    const endings: readonly ((stream: PassThrough) => void)[] = [
      (stream) => stream.destroy(new Error('reset')),
      (stream) => stream.destroy(),
      (stream) => stream.end(),
    ];
    for (const end of endings) {
      await using upstream = await openRawUpstream(() => undefined);
      await using pool = poolTo(upstream.url);
      const stream = new PassThrough();
      stream.write('abc');
      const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: 10, trailers: () => [] } });
      await upstream.until((text) => text.endsWith('abc'));
      end(stream);
      assert.equal(await failureCode(run), 'client-aborted');
      await upstream.left();
    }
  });

  it('tells a client that was too slow from one that left', async () => {
    await using upstream = await openRawUpstream(() => stream.destroy(new ProxyFailure('client-timeout', 'silent')));
    await using pool = poolTo(upstream.url);
    const stream = new PassThrough();
    stream.write('abc');
    const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: 10, trailers: () => [] } });
    assert.equal(await failureCode(run), 'client-timeout');
  });

  it('lets go of the upstream when the client’s protocol can’t carry its head', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    await using pool = poolTo(upstream.url);
    for (const error of [new ProxyFailure('upstream-broken', 'no'), new Error('no')]) {
      const sink = new FakeSink();
      sink.onHead = () => {
        throw error;
      };
      const run = forward(routeOf(pool), inboundOf(), { sink });
      assert.deepEqual([await failureCode(run), sink.ended], ['upstream-broken', undefined]);
      await upstream.left();
    }
  });

  it('ends the body when the upstream goes away', async () => {
    await using upstream = await openRawUpstream((socket) => socket.destroy());
    await using pool = poolTo(upstream.url);
    const stream = new PassThrough();
    stream.write('abc');
    const closed = once(stream, 'close').catch(() => undefined);
    const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: 10, trailers: () => [] } });
    assert.equal(await failureCode(run), 'upstream-broken');
    await closed;
  });
});

async function openPlainServer(onConnection: (socket: Socket) => void): Promise<AsyncDisposable & { readonly url: URL }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
