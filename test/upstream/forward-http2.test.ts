import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { forwardRequest } from '../../src/upstream/forward-request.ts';
import { inboundOf, vouching } from './example-request.ts';
import { FakeSink, bodyOf, failureCode, forward, observer, permitFor, poolTo, routeOf } from './forwarding.ts';
import { fieldsOf, openHttp2Upstream } from './http2-upstream.ts';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;

describe('forwardRequest() over HTTP/2: what arrives at the upstream', () => {
  it('is one request with the canonical target, our headers and nothing the client forged', async () => {
    await using upstream = await openHttp2Upstream((stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    await using pool = poolTo(upstream.url);
    const headers = ['Accept', '*/*', 'X-Pomerium-Claim-Email', 'admin@example.com', 'Remote-User', 'root', 'Connection', 'X-A'];
    headers.push('X-A', '1', 'Keep-Alive', '5', 'X-B', 'caf\xe9', 'x-b', 'two', 'Cookie', '_pomerium=s; a=1', 'Expect', '100-continue');
    const run = forward(routeOf(pool), inboundOf({ target: '/x/../a%7eb?q=%2f', headers }), {
      identity: ['X-Pomerium-Jwt-Assertion', 'genuine'],
    });
    assert.equal(await failureCode(run), 'done 204 whole');
    assert.deepEqual(fieldsOf(upstream.seen[0]), {
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': upstream.url.host,
      ':path': '/a~b?q=%2f',
      accept: '*/*',
      'x-b': 'caf\xe9, two',
      cookie: 'a=1',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'app.example',
      'x-request-id': 'reference-1',
      'x-pomerium-jwt-assertion': 'genuine',
    });
  });

  it('may repeat what clients repeat', async () => {
    const raw: (readonly string[])[] = [];
    await using upstream = await openHttp2Upstream((stream, _headers, _number, fields = []) => {
      raw.push(fields);
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    await using pool = poolTo(upstream.url);
    for (const name of ['If-None-Match', 'User-Agent', 'Content-Encoding', 'X-Content-Type-Options']) {
      const run = forward(routeOf(pool), inboundOf({ headers: [name, '"a"', name, '"b"'] }));
      assert.equal(await failureCode(run), 'done 204 whole', name);
      assert.deepEqual(
        raw.at(-1)?.filter((_, index, fields) => fields[index - 1] === name.toLowerCase()),
        ['"a"', '"b"'],
      );
    }
  });

  it('is told that the client reads trailers, and nothing else of its TE', async () => {
    await using upstream = await openHttp2Upstream((stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    await using pool = poolTo(upstream.url);
    for (const te of ['trailers', 'gzip, Trailers;q=1', 'deflate ,trailers', 'gzip'])
      await forward(routeOf(pool), inboundOf({ headers: ['TE', te] })).over;
    assert.deepEqual(
      upstream.seen.map((each) => each['te']),
      ['trailers', undefined, 'trailers', undefined],
    );
  });

  it('has the length of a body where it is known, and its trailers, but for those that could not be headers', async () => {
    const trailers: unknown[] = [];
    await using upstream = await openHttp2Upstream((stream) => {
      stream.on('trailers', (fields) => trailers.push(fieldsOf(fields)));
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    await using pool = poolTo(upstream.url);
    const post = inboundOf({ method: 'POST', headers: ['Trailer', 'X-Sum, Authorization'] });
    const body = bodyOf('hello');
    const given = [
      'X-Sum',
      '1',
      'x-sum',
      '2',
      'X-Pomerium-Claim-Email',
      'root',
      'Authorization',
      'Bearer x',
      'Connection',
      'x',
      'ETag',
      'a',
      'etag',
      'b',
    ];
    const known = forward(routeOf(pool), post, { body: { ...body, trailers: () => given } });
    assert.deepEqual([await failureCode(known), known.sink.body], ['done 200 whole', 'hello']);
    const unknown = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { ...bodyOf('hi'), length: undefined } });
    assert.deepEqual([await failureCode(unknown), unknown.sink.body], ['done 200 whole', 'hi']);
    assert.deepEqual(
      upstream.seen.map((each) => [each['content-length'], each['trailer']]),
      [
        ['5', 'X-Sum'],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(trailers, [{ 'x-sum': '1, 2', etag: 'a, b' }]);
  });

  it('is a request that never ends where the body breaks off, or is of another length than announced', async () => {
    const endings: readonly ((stream: PassThrough) => void)[] = [
      (stream) => stream.destroy(new Error('reset')),
      (stream) => stream.destroy(),
      (stream) => stream.end(),
      (stream) => stream.write('more than announced'),
    ];
    for (const end of endings) {
      const came = Promise.withResolvers<ServerHttp2Stream>();
      await using upstream = await openHttp2Upstream((stream) => came.resolve(stream));
      await using pool = poolTo(upstream.url);
      const stream = new PassThrough();
      stream.write('abc');
      const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: 10, trailers: () => [] } });
      const there = await came.promise;
      await once(there, 'data');
      let ended = false;
      there.on('end', () => (ended = !there.aborted));
      end(stream);
      assert.equal(await failureCode(run), 'client-aborted');
      if (!there.closed) await once(there, 'close');
      assert.deepEqual([there.rstCode, ended], [NGHTTP2_CANCEL, false]);
    }
  });
});

describe('forwardRequest() over HTTP/2: the answer', () => {
  it('is the status, the headers, the body and the trailers, and hints before it', async () => {
    await using upstream = await openHttp2Upstream((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond(
        { ':status': 201, 'x-app': 'caf\xe9', 'set-cookie': ['a=1', '_pomerium=x'], 'x-pomerium-x': '1' },
        { waitForTrailers: true },
      );
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'content-type': 'x', 'x-request-id': 'theirs' }));
      stream.write('hello ');
      stream.end('world');
    });
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf());
    assert.equal(await failureCode(run), 'done 201 whole');
    const { informationals, headers, body, trailers } = run.sink;
    assert.deepEqual(
      [
        informationals,
        headers.filter((_, index) => !/^date$/i.test(headers[index - (index % 2)] ?? '')),
        body,
        trailers,
        run.cookiesDropped,
      ],
      [
        [[103, ['link', '</a.css>']]],
        ['x-app', 'caf\xe9', 'Set-Cookie', 'a=1', 'X-Request-Id', 'reference-1'],
        'hello world',
        ['grpc-status', '0'],
        ['_pomerium'],
      ],
    );
  });

  it('is complete for HEAD, 204 and 304, which have no body', async () => {
    await using upstream = await openHttp2Upstream((stream, headers) => {
      if (headers[':method'] === 'HEAD') stream.respond({ ':status': 200, 'content-length': '1000' }, { endStream: true });
      else
        stream.respond({
          ':status': Number(headers[':path']?.slice(1)),
          ...(headers[':path'] === '/304' ? { 'content-length': '9' } : {}),
        });
      stream.end();
    });
    await using pool = poolTo(upstream.url);
    for (const [method, target, end] of [
      ['HEAD', '/', 'done 200 whole'],
      ['GET', '/204', 'done 204 whole'],
      ['GET', '/304', 'done 304 whole'],
    ] as const)
      assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ method, target }))), end);
  });

  it('is told to be whole with its head, where that ends the stream', async () => {
    await using upstream = await openHttp2Upstream((stream, _headers, number) => {
      stream.respond({ ':status': 200, 'grpc-status': '7' }, { endStream: number === 1 });
      stream.end();
    });
    await using pool = poolTo(upstream.url);
    const sinks = [new FakeSink(), new FakeSink()];
    for (const sink of sinks) assert.equal(await failureCode(forward(routeOf(pool), inboundOf(), { sink })), 'done 200 whole');
    assert.deepEqual(
      sinks.map(({ headWasWhole }) => headWasWhole),
      [true, false],
    );
  });

  it('may come before the body was sent, and ends the upload', async () => {
    const came = Promise.withResolvers<ServerHttp2Stream>();
    await using upstream = await openHttp2Upstream((stream) => {
      came.resolve(stream);
      stream.respond({ ':status': 413 });
      stream.end('too large');
    });
    await using pool = poolTo(upstream.url);
    const stream = new PassThrough();
    stream.write('some');
    const gone = once(stream, 'close');
    const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: undefined, trailers: () => [] } });
    assert.deepEqual([await failureCode(run), run.sink.body], ['done 413 whole', 'too large']);
    await gone;
    const there = await came.promise;
    if (!there.closed) await once(there, 'close');
  });

  const ends: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
    'is reset': (stream) => stream.destroy(new Error('no')),
    'is cancelled': (stream) => reset(stream, NGHTTP2_CANCEL),
    'is reset without an error': (stream) => reset(stream, NGHTTP2_NO_ERROR),
    'loses its connection': (stream) => stream.session?.destroy(),
    'loses its connection by a fault': (stream) => stream.session?.destroy(new Error('no'), NGHTTP2_INTERNAL_ERROR),
    'loses its socket': (stream) => stream.session?.socket.destroy(),
  };
  for (const [what, end] of Object.entries(ends)) {
    it(`fails before anything reached the client when it ${what}, and cuts one that has begun`, async () => {
      await using upstream = await openHttp2Upstream((stream, headers) => {
        if (headers[':path'] === '/') return end(stream);
        stream.respond({ ':status': 200 });
        stream.write('half', () => setTimeout(() => end(stream), 20));
      });
      await using pool = poolTo(upstream.url);
      const early = forward(routeOf(pool), inboundOf({ method: 'POST' }));
      assert.deepEqual([await failureCode(early), early.sink.status], ['upstream-broken', undefined]);
      const late = forward(routeOf(pool), inboundOf({ target: '/begun' }));
      assert.deepEqual([await failureCode(late), late.sink.body, late.sink.ended], ['done 200 upstream-broken', 'half', 'aborted']);
    });
  }

  it('has no status that only one of the protocols can carry, no flood of hints and no endless head', async () => {
    const heads: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
      '/flood': (stream) => {
        for (let count = 0; count < 50; count += 1) stream.additionalHeaders({ ':status': 103, link: '</x>' });
        stream.respond({ ':status': 200 }, { endStream: true });
      },
      '/large': (stream) => stream.respond({ ':status': 200, 'x-large': 'a'.repeat(80 * 1024) }, { endStream: true }),
      '/many': (stream) => {
        const fields = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`x-${index}`, 'a']));
        stream.respond({ ':status': 200, ...fields }, { endStream: true });
      },
      '/short': (stream) => {
        stream.respond({ ':status': 200, 'content-length': '10' });
        stream.end('abc');
      },
      '/trailers': (stream) => {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.once('wantTrailers', () => stream.sendTrailers({ 'x-large': 'a'.repeat(80 * 1024) }));
        stream.end('abc');
      },
    };
    await using upstream = await openHttp2Upstream((stream, headers) => heads[headers[':path'] ?? '']?.(stream));
    await using pool = poolTo(upstream.url);
    const outcomes: Record<string, string> = {};
    for (const target of Object.keys(heads)) outcomes[target] = await failureCode(forward(routeOf(pool), inboundOf({ target })));
    assert.deepEqual(outcomes, {
      '/flood': 'upstream-broken',
      '/large': 'upstream-broken',
      '/many': 'upstream-broken',
      '/short': 'done 200 upstream-broken',
      '/trailers': 'done 200 upstream-broken',
    });
  });
});

describe('forwardRequest() over HTTP/2: pace, time and going away', () => {
  const size = 16 * 1024 * 1024;
  const chunk = Buffer.alloc(64 * 1024, 'a');

  it('reads no faster than the client does', async () => {
    let written = 0;
    await using upstream = await openHttp2Upstream((stream) => {
      stream.respond({ ':status': 200 });
      Readable.from(chunks(() => (written += chunk.length))).pipe(stream);
    });
    await using pool = poolTo(upstream.url);
    const sink = new FakeSink();
    sink.slow = true;
    let ahead = 0;
    sink.onWrite = () =>
      setImmediate(() => {
        ahead = Math.max(ahead, written - sink.bytesWritten);
        sink.drain();
      });
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf(), { sink })), 'done 200 whole');
    assert.deepEqual([sink.bytesWritten, ahead < 2 * 1024 * 1024], [size, true], `${ahead} bytes ahead`);
  });

  it('reads a body no faster than the upstream does', async () => {
    let arrived = 0;
    await using upstream = await openHttp2Upstream((stream) => {
      stream.on('data', (data: Buffer) => {
        arrived += data.length;
        stream.pause();
        setImmediate(() => stream.resume());
      });
      stream.on('end', () => {
        stream.respond({ ':status': 200 });
        stream.end();
      });
    });
    await using pool = poolTo(upstream.url);
    let produced = 0;
    let ahead = 0;
    const source = chunks(() => {
      ahead = Math.max(ahead, produced - arrived);
      produced += chunk.length;
    });
    const body = { stream: Readable.from(source), length: size, trailers: () => [] };
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ method: 'PUT' }), { body })), 'done 200 whole');
    assert.deepEqual([arrived, ahead < 2 * 1024 * 1024], [size, true], `${ahead} bytes ahead`);
  });

  it('cancels the one stream of a client that goes away, waiting, within the answer and within the body', async () => {
    for (const target of ['/waiting', '/begun', '/uploading']) {
      const came = Promise.withResolvers<ServerHttp2Stream>();
      await using upstream = await openHttp2Upstream((stream) => {
        if (target === '/begun') stream.respond({ ':status': 200 });
        if (target === '/begun') stream.write('some');
        came.resolve(stream);
      });
      await using pool = poolTo(upstream.url);
      const body = { stream: new PassThrough(), length: undefined, trailers: () => [] };
      const begun = Promise.withResolvers<void>();
      const sink = new FakeSink();
      sink.onHead = () => begun.resolve();
      const run = forward(routeOf(pool), inboundOf({ target }), { sink, body: target === '/uploading' ? body : undefined });
      const stream = await came.promise;
      let ended = false;
      if (target === '/uploading') stream.resume().on('end', () => (ended = !stream.aborted));
      if (target === '/begun') await begun.promise;
      sink.close('aborted');
      assert.match(await failureCode(run), /client-aborted$/);
      if (!stream.closed) await once(stream, 'close');
      assert.deepEqual([stream.rstCode, ended, upstream.sessions[0]?.closed], [NGHTTP2_CANCEL, false, false]);
    }
  });

  it('sends nothing for a client that left while the connection was being made', async () => {
    await using upstream = await openHttp2Upstream((stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf({ target: '/gone' }));
    run.sink.close('aborted');
    assert.equal(await failureCode(run), 'client-aborted');
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf({ target: '/other' }))), 'done 204 whole');
    assert.deepEqual(
      upstream.seen.map((each) => each[':path']),
      ['/other'],
    );
  });

  it('is late when the whole answer takes longer than the route allows, and silent when nothing moves', async () => {
    await using upstream = await openHttp2Upstream((stream, headers) => {
      if (headers[':path'] === '/begun') stream.respond({ ':status': 200 });
    });
    await using pool = poolTo(upstream.url);
    for (const [given, target, end] of [
      [{ timeoutMs: 30 }, '/', 'upstream-timeout'],
      [{ timeoutMs: 30 }, '/begun', 'done 200 upstream-timeout'],
      [{ idleTimeoutMs: 30 }, '/', 'upstream-idle'],
    ] as const)
      assert.equal(await failureCode(forward(routeOf(pool, given), inboundOf({ target }))), end);
  });

  it('ends when its right to exist ends, once', async () => {
    const came = Promise.withResolvers<ServerHttp2Stream>();
    await using upstream = await openHttp2Upstream((stream) => came.resolve(stream));
    await using pool = poolTo(upstream.url);
    const { observe, over } = observer();
    const inbound = inboundOf();
    const exchange = { inbound, body: undefined, sink: new FakeSink() };
    const ongoing = forwardRequest(permitFor(inbound), routeOf(pool), exchange, vouching(), observe);
    const stream = await came.promise;
    const ended = new ProxyFailure('access-ended', 'signed out');
    assert.deepEqual([ongoing.end(ended), ongoing.end(ended)], [true, false]);
    const end = await over;
    assert.equal(end.kind === 'failed' && end.failure.code, 'access-ended');
    if (!stream.closed) await once(stream, 'close');
  });

  function* chunks(onEach: () => void): Generator<Buffer> {
    for (let sent = 0; sent < size; sent += chunk.length) {
      onEach();
      yield chunk;
    }
  }
});

/** RST_STREAM alone: `close()` would end the stream before it. */
function reset(stream: ServerHttp2Stream, code: number): void {
  const handle = Object.getOwnPropertySymbols(stream).map((symbol) => Reflect.get(stream, symbol) as unknown);
  for (const each of handle)
    if (typeof each === 'object' && each !== null && 'rstStream' in each && typeof each.rstStream === 'function') each.rstStream(code);
}
