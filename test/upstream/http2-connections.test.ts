import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { Http2Transport } from '../../src/upstream/transports/http2-transport.ts';
import { bytesArrive } from './bytes-arrive.ts';
import { inboundOf } from './example-request.ts';
import { bodyOf, failureCode, forward, poolTo, routeOf } from './forwarding.ts';
import type { OnStream } from './http2-upstream.ts';
import { openHttp2Upstream } from './http2-upstream.ts';

const ok: OnStream = (stream) => stream.respond({ ':status': 204 }, { endStream: true });

describe('HTTP/2 connections to an upstream', () => {
  it('are one for many requests at once', async () => {
    await using upstream = await openHttp2Upstream(ok);
    await using pool = poolTo(upstream.url);
    const runs = Array.from({ length: 50 }, (_, index) => forward(routeOf(pool), inboundOf({ target: `/${index}` })));
    for (const run of runs) assert.equal(await failureCode(run), 'done 204 whole');
    assert.deepEqual([upstream.sessions.length, new Set(upstream.seen.map((each) => each[':path'])).size], [1, 50]);
  });

  it('are as many as the upstream’s limit of streams asks for', async () => {
    const waiting: ServerHttp2Stream[] = [];
    const all = Promise.withResolvers<void>();
    await using upstream = await openHttp2Upstream(
      (stream) => {
        if (waiting.push(stream) === 5) all.resolve();
      },
      { settings: { maxConcurrentStreams: 2 } },
    );
    await using pool = poolTo(upstream.url);
    // The limit is known from the first answer on.
    const first = forward(routeOf(pool), inboundOf());
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const stream of waiting.splice(0)) ok(stream, {}, 0);
    await first.over;
    const runs = Array.from({ length: 5 }, () => forward(routeOf(pool), inboundOf()));
    await all.promise;
    assert.equal(upstream.sessions.length, 3);
    for (const stream of waiting) ok(stream, {}, 0);
    for (const run of runs) assert.equal(await failureCode(run), 'done 204 whole');
  });

  it('are found out how much they take before they take anything: nothing is refused for being too much', async () => {
    const held: ServerHttp2Stream[] = [];
    await using upstream = await openHttp2Upstream(
      (stream, headers, number) => {
        if (headers[':path'] === '/held') held.push(stream);
        else ok(stream, headers, number);
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    await using pool = poolTo(upstream.url);
    const first = forward(routeOf(pool), inboundOf({ target: '/held' }));
    const runs = [1, 2, 3].map(() => forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: bodyOf('x') }));
    for (const run of runs) assert.equal(await failureCode(run), 'done 204 whole');
    assert.equal(upstream.seen.length, 4);
    for (const stream of held) ok(stream, {}, 0);
    assert.equal(await failureCode(first), 'done 204 whole');
  });

  it('that take nothing are not tried again and again', async () => {
    await using upstream = await openHttp2Upstream(ok, { settings: { maxConcurrentStreams: 0 } });
    await using pool = poolTo(upstream.url);
    const runs = [1, 2].map(() => forward(routeOf(pool), inboundOf()));
    for (const run of runs) assert.equal(await failureCode(run), 'upstream-broken');
    assert.deepEqual([upstream.sessions.length, upstream.seen.length], [1, 0]);
  });

  it('that answer in another language than HTTP/2, or not at all, are sent nothing', async () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'end', '']) {
      const received: Buffer[] = [];
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        sockets.push(socket.on('error', () => undefined).on('data', (chunk: Buffer) => received.push(chunk)));
        if (greeting === 'end') socket.end();
        else socket.write(greeting);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await using pool = lookingOften(new URL(`h2c://127.0.0.1:${(server.address() as AddressInfo).port}`));
      assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ target: '/secret' }))), 'upstream-broken');
      // The type of the frame after the preface and SETTINGS would be HEADERS.
      assert.deepEqual(framesOf(Buffer.concat(received)).includes(1), false);
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('have a window for all of their streams together', async () => {
    const windows: (number | undefined)[] = [];
    await using upstream = await openHttp2Upstream((stream, headers, number) => {
      windows.push(stream.session?.state.remoteWindowSize);
      ok(stream, headers, number);
    });
    await using pool = poolTo(upstream.url);
    await forward(routeOf(pool), inboundOf()).over;
    assert.ok((windows[0] ?? 0) >= 16 * 1024 * 1024, String(windows[0]));
  });

  it('are followed by others where the upstream says goodbye, and what is in flight goes on to its end', async () => {
    const held = Promise.withResolvers<ServerHttp2Stream>();
    await using upstream = await openHttp2Upstream((stream, headers, number) => {
      if (headers[':path'] === '/held') held.resolve(stream);
      else ok(stream, headers, number);
    });
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf({ target: '/held' }));
    const stream = await held.promise;
    const [session] = upstream.sessions;
    session?.goaway(constants.NGHTTP2_NO_ERROR, stream.id ?? 1);
    await bytesArrive();
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'done 204 whole');
    assert.equal(upstream.sessions.length, 2);
    ok(stream, {}, 0);
    assert.equal(await failureCode(run), 'done 204 whole');
  });

  it('carry what the upstream has certainly not acted upon once more, whatever the method, unless a body went with it', async () => {
    await using upstream = await openHttp2Upstream((stream, headers, number) => {
      if (number % 2 === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else ok(stream, headers, number);
    });
    await using pool = poolTo(upstream.url);
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ method: 'POST' }))), 'done 204 whole');
    const sent = forward(routeOf(pool), inboundOf({ method: 'PUT' }), { body: bodyOf('x') });
    assert.equal(await failureCode(sent), 'upstream-broken');
    assert.equal(upstream.seen.length, 3);
  });

  it('carry it a second time and not a third', async () => {
    await using upstream = await openHttp2Upstream((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    await using pool = poolTo(upstream.url);
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'upstream-broken');
    assert.equal(upstream.seen.length, 2);
  });

  it('that are lost while they are used again are followed by one more try of what may be asked twice', async () => {
    await using upstream = await openHttp2Upstream((stream, headers, number) => {
      if (headers[':path'] === '/lost' && number % 2 === 0) stream.session?.socket.destroy();
      else ok(stream, headers, number);
    });
    await using pool = poolTo(upstream.url);
    const outcomes: string[] = [];
    for (const [method, target] of [
      ['GET', '/'],
      ['GET', '/lost'],
      ['POST', '/lost'],
    ] as const)
      outcomes.push(await failureCode(forward(routeOf(pool), inboundOf({ method, target }))));
    assert.deepEqual([outcomes, upstream.seen.length], [['done 204 whole', 'done 204 whole', 'upstream-broken'], 4]);
  });

  it('that are lost before their first answer are not', async () => {
    await using upstream = await openHttp2Upstream((stream) => stream.session?.socket.destroy());
    await using pool = poolTo(upstream.url);
    assert.deepEqual([await failureCode(forward(routeOf(pool), inboundOf())), upstream.seen.length], ['upstream-broken', 1]);
  });

  it('fail everybody who waits for one that can not be made', async () => {
    const upstream = await openHttp2Upstream(ok);
    await upstream[Symbol.asyncDispose]();
    await using pool = poolTo(upstream.url);
    const runs = [1, 2, 3].map(() => forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: bodyOf('x') }));
    for (const run of runs) assert.equal(await failureCode(run), 'upstream-unreachable');
  });

  it('are waited for at the end of a pool, which takes no further request', async () => {
    const came = Promise.withResolvers<ServerHttp2Stream>();
    await using upstream = await openHttp2Upstream((stream) => came.resolve(stream));
    const pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf());
    const stream = await came.promise;
    const gone = pool[Symbol.asyncDispose]();
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'internal');
    ok(stream, {}, 0);
    assert.equal(await failureCode(run), 'done 204 whole');
    await gone;
  });

  it('end when nobody needs them for a while', async () => {
    await using upstream = await openHttp2Upstream(ok);
    await using pool = lookingOften(upstream.url);
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'done 204 whole');
    const [session] = upstream.sessions;
    if (session?.closed === false) await once(session, 'close');
  });

  it('that say not a byte any more get no further requests, and those that wait are left alone', async () => {
    await using upstream = await openHttp2Upstream((stream, headers, number) => {
      if (headers[':path'] !== '/slow') ok(stream, headers, number);
    });
    await using line = await openLine(Number(upstream.url.port));
    await using pool = lookingOften(new URL(`h2c://127.0.0.1:${line.port}`));
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'done 204 whole');
    line.freeze();
    const lost = forward(routeOf(pool), inboundOf({ target: '/slow' }));
    let outcome = '';
    for (let tries = 0; outcome !== 'done 204 whole' && tries < 100; tries += 1)
      outcome = await failureCode(forward(routeOf(pool, { timeoutMs: 40 }), inboundOf()));
    assert.deepEqual([outcome, upstream.sessions.length], ['done 204 whole', 2]);
    lost.sink.close('aborted');
    assert.equal(await failureCode(lost), 'client-aborted');
  });
});

/** The types of the frames behind the preface of a client. */
function framesOf(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let rest = bytes.subarray(24); rest.length >= 9; rest = rest.subarray(9 + rest.readUIntBE(0, 3))) types.push(rest[3] ?? 0);
  return types;
}

function lookingOften(url: URL): UpstreamPool {
  const { hostname, port } = url;
  const pool = poolTo(url);
  const transport = new Http2Transport({
    scheme: 'http',
    accepts: () => true,
    lookMs: 20,
    open(opened) {
      const socket = connect({ host: hostname, port: Number(port) }, () => opened(null, socket));
      socket.on('error', () => undefined);
    },
  });
  return {
    ...pool,
    choose: () => ({ ...pool.choose(), transport }),
    async [Symbol.asyncDispose]() {
      await transport.close();
    },
  };
}

interface Line extends AsyncDisposable {
  readonly port: number;
  /** The connections there are bring nothing any more, and nobody is told. */
  freeze(): void;
}

/** Stands between a client and an upstream, like a cable that may be cut. */
async function openLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const other = connect({ host: '127.0.0.1', port: to });
    for (const end of [socket, other]) sockets.add(end.on('error', () => undefined));
    socket.pipe(other).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
