import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { Deadlines } from '../../src/upstream/deadlines.ts';
import { forwardRequest } from '../../src/upstream/forward-request.ts';
import { writeAuthority } from '../../src/upstream/write-authority.ts';
import { inboundOf, plainPlan, vouching } from './example-request.ts';
import { FakeSink, bodyOf, failureCode, forward, observer, permitFor, poolTo, routeOf } from './forwarding.ts';
import { emptyAnswer, fieldLines, openRawUpstream, valuesOf } from './raw-upstream.ts';

describe('forwardRequest(): what arrives at the upstream', () => {
  it('is one request with the canonical target, our headers and nothing the client forged', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(emptyAnswer));
    await using pool = poolOf(upstream.url);
    const headers = [
      'Accept',
      '*/*',
      'X-Pomerium-Claim-Email',
      'admin@example.com',
      'x_pomerium_jwt_assertion',
      'forged',
      'Remote-User',
      'root',
    ];
    headers.push(
      'Connection',
      'X-Pomerium-Jwt-Assertion, host',
      'X-Forwarded-For',
      '1.2.3.4',
      'X-Forwarded-Proto',
      'http',
      'TE',
      'trailers',
    );
    headers.push('Expect', '100-continue', 'Cookie', '_pomerium=s; a=1', 'Authorization', 'Pomerium x');
    const inbound = inboundOf({ target: '/x/../a%7eb?q=%2f', headers });
    const run = forward(routeOf(pool), inbound, { identity: ['X-Pomerium-Jwt-Assertion', 'genuine'] });
    await run.over;
    assert.equal(upstream.received[0]?.split('\r\n', 1)[0], 'GET /a~b?q=%2f HTTP/1.1');
    assert.deepEqual(fieldLines(upstream.received[0] ?? ''), [
      ['host', upstream.url.host],
      ['connection', 'keep-alive'],
      ['accept', '*/*'],
      ['cookie', 'a=1'],
      ['x-forwarded-for', '1.2.3.4,192.0.2.7'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-host', 'app.example'],
      ['x-request-id', 'reference-1'],
      ['x-pomerium-jwt-assertion', 'genuine'],
    ]);
  });

  it('carries a body of known length with its length and one of unknown length in chunks', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(emptyAnswer));
    await using pool = poolOf(upstream.url);
    const post = inboundOf({ method: 'POST', headers: ['Content-Length', '999', 'Transfer-Encoding', 'chunked'] });
    await forward(routeOf(pool), post, { body: bodyOf('hello') }).over;
    const known = await upstream.until((text) => text.endsWith('hello'));
    assert.deepEqual([valuesOf(known, 'content-length'), valuesOf(known, 'transfer-encoding')], [['5'], []]);
    await forward(routeOf(pool), post, { body: { ...bodyOf('hello'), length: undefined } }).over;
    const unknown = await upstream.until((text) => text.endsWith('5\r\nhello\r\n0\r\n\r\n'));
    assert.deepEqual([valuesOf(unknown.slice(unknown.lastIndexOf('POST')), 'transfer-encoding')], [['chunked']]);
  });

  it('has no body and no length for a GET without one, and length 0 for a POST without one', async () => {
    await using upstream = await openRawUpstream((socket) => socket.end(emptyAnswer));
    await using pool = poolOf(upstream.url);
    await forward(routeOf(pool), inboundOf()).over;
    await forward(routeOf(pool), inboundOf({ method: 'POST' })).over;
    assert.deepEqual(
      upstream.received.map((text) => [valuesOf(text, 'content-length'), text.endsWith('\r\n\r\n')]),
      [
        [[], true],
        [['0'], true],
      ],
    );
  });

  it('is one request even when the body looks like another', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(emptyAnswer));
    await using pool = poolOf(upstream.url);
    const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n';
    await forward(routeOf(pool), inboundOf({ method: 'GET' }), { body: bodyOf(smuggled) }).over;
    const text = await upstream.until((received) => received.endsWith(smuggled));
    assert.deepEqual(valuesOf(text, 'content-length'), [String(smuggled.length)]);
    await forward(routeOf(pool), inboundOf({ target: '/next' })).over;
    // A body on a GET leaves doubt about where it ends, so that connection serves nobody else.
    assert.deepEqual(
      upstream.received.map((received) => received.split(' ', 2)[1]),
      ['/', '/next'],
    );
  });

  it('keeps its host and its connection whatever host the visitor used', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(emptyAnswer));
    await using pool = poolOf(upstream.url);
    const route = routeOf(pool, { headers: { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) } });
    for (const host of ['one.example', 'two.example:8443']) await forward(route, inboundOf({ host })).over;
    assert.deepEqual(
      upstream.received.flatMap((text) => text.split('GET ').slice(1)).flatMap((head) => valuesOf(head, 'host')),
      ['one.example', 'two.example:8443'],
    );
  });
});

describe('forwardRequest(): what it takes', () => {
  it('refuses a permit of another route, path or query before anything is sent', async () => {
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolOf(upstream.url);
    const inbound = inboundOf({ target: '/secret?a=1' });
    const { observe } = observer();
    const others = [permitFor(inbound, 'other'), permitFor({ ...inbound, query: '' }), permitFor(inboundOf({ target: '/public?a=1' }))];
    for (const permit of others) {
      assert.throws(() => forwardRequest(permit, routeOf(pool), { inbound, body: undefined, sink: new FakeSink() }, vouching(), observe), {
        code: 'internal',
      });
    }
    assert.deepEqual(upstream.received, []);
  });
});

describe('forwardRequest(): what comes back', () => {
  it('took the time until its head, however long the rest goes on', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'));
    await using pool = poolOf(upstream.url);
    const { observe, over } = observer();
    const inbound = inboundOf();
    const sink = new FakeSink();
    sink.onHead = () => void setImmediate(() => upstream.sockets[0]?.write('c'));
    let clock = 0;
    const late: typeof observe = { ...observe, now: () => (sink.ended === undefined ? (clock += 5) : 86_400_000) };
    forwardRequest(permitFor(inbound), routeOf(pool), { inbound, body: undefined, sink }, vouching(), late);
    assert.deepEqual(await over, { kind: 'done', outcome: { upstreamMs: 5, status: 200, failure: undefined } });
  });

  it('is the status, the headers, the body and the trailers', async () => {
    const answer =
      'HTTP/1.1 203 Fine\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: _pomerium=evil\r\n\r\n';
    await using upstream = await openRawUpstream((socket) =>
      socket.write(`${answer}5\r\nhello\r\n0\r\nX-Sum: 7\r\nSet-Cookie: a=1\r\nX-Pomerium-Claim-Email: x\r\n\r\n`),
    );
    await using pool = poolOf(upstream.url);
    const run = forward(routeOf(pool, { responseHeaders: [] }), inboundOf());
    assert.deepEqual(await run.over, { kind: 'done', outcome: { upstreamMs: 5, status: 203, failure: undefined } });
    const { status, headers, body, trailers, ended } = run.sink;
    assert.deepEqual(
      { status, headers, body, trailers, ended },
      {
        status: 203,
        headers: ['X-A', '1', 'X-A', '2', 'X-Request-Id', 'reference-1'],
        body: 'hello',
        trailers: ['X-Sum', '7'],
        ended: 'complete',
      },
    );
    assert.deepEqual(run.cookiesDropped, ['_pomerium']);
  });

  it('is complete for HEAD, 204 and 304, which have no body', async () => {
    const answers: Readonly<Record<string, string>> = {
      '/head': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n',
      '/204': 'HTTP/1.1 204 No Content\r\n\r\n',
      '/304': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n',
    };
    await using upstream = await openRawUpstream((socket, head) => socket.write(answers[head.split(' ', 2)[1] ?? ''] ?? ''));
    await using pool = poolOf(upstream.url);
    const ends = [];
    for (const [method, target] of [
      ['HEAD', '/head'],
      ['GET', '/204'],
      ['GET', '/304'],
    ] as const) {
      const run = forward(routeOf(pool), inboundOf({ method, target }));
      await run.over;
      ends.push([run.sink.status, run.sink.body, run.sink.ended]);
    }
    assert.deepEqual(ends, [
      [200, '', 'complete'],
      [204, '', 'complete'],
      [304, '', 'complete'],
    ]);
  });

  it('passes early hints on, and gives up on a flood of them', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nSet-Cookie: a=1\r\n\r\n';
    await using upstream = await openRawUpstream((socket, head) =>
      socket.write(head.includes('/flood') ? hint.repeat(100) : `${hint}${emptyAnswer}`),
    );
    await using pool = poolOf(upstream.url);
    const hinted = forward(routeOf(pool), inboundOf());
    await hinted.over;
    assert.deepEqual([hinted.sink.informationals, hinted.sink.status], [[[103, ['Link', '</a.css>']]], 200]);
    const flooded = forward(routeOf(pool), inboundOf({ target: '/flood' }));
    assert.deepEqual([await failureCode(flooded), flooded.sink.informationals.length], ['upstream-broken', 16]);
  });

  it('may come before the body was sent, and ends the upload', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
    await using pool = poolOf(upstream.url);
    const stream = new PassThrough();
    stream.write('a beginning');
    const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: { stream, length: 1_000_000, trailers: () => [] } });
    assert.equal(await failureCode(run), 'done 413 whole');
    assert.deepEqual([run.sink.body, run.sink.ended], ['no', 'complete']);
    await closedStream(stream);
    // The upload never ended, so nobody else may use its connection.
    await upstream.left();
  });
});

describe('forwardRequest(): answers that are broken', () => {
  const broken: Readonly<Record<string, string>> = {
    'is no HTTP': 'SSH-2.0-x\r\n\r\n',
    'has two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'has a length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'has a length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'has a space in a name': 'HTTP/1.1 200 OK\r\nX A: 1\r\n\r\n',
    'has a control character in a value': 'HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 0\r\n\r\n',
    'switches protocols unasked': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'switches protocols without saying to which': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'has a status nobody knows': 'HTTP/1.1 799 What\r\nContent-Length: 0\r\n\r\n',
    'ends within its head': 'HTTP/1.1 200 OK\r\nContent-Le',
    'has too large a head': `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(80 * 1024)}\r\n\r\n`,
  };
  for (const [what, answer] of Object.entries(broken)) {
    it(`fails before anything reached the client when the answer ${what}`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.end(answer, 'latin1'));
      await using pool = poolOf(upstream.url);
      const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), { body: bodyOf('x') });
      assert.deepEqual([await failureCode(run), run.sink.status, run.sink.ended], ['upstream-broken', undefined, undefined]);
    });
  }

  const cut: Readonly<Record<string, string>> = {
    'shorter than its length': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
    'cut within a chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    'cut before the last chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
    'chunked with a bad size': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nxx\r\n',
  };
  for (const [what, answer] of Object.entries(cut)) {
    it(`aborts a client that has begun to read an answer ${what}`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.end(answer));
      await using pool = poolOf(upstream.url);
      const run = forward(routeOf(pool), inboundOf());
      assert.deepEqual([await failureCode(run), run.sink.ended], ['done 200 upstream-broken', 'aborted']);
    });
  }

  it('gives surplus bytes after an answer to nobody', async () => {
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    await using upstream = await openRawUpstream((socket, _head, number) =>
      socket.write(
        number === 1 ? `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${poison}` : 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext',
      ),
    );
    await using pool = poolOf(upstream.url);
    const first = forward(routeOf(pool), inboundOf());
    await first.over;
    const second = forward(routeOf(pool), inboundOf());
    await second.over;
    assert.deepEqual([first.sink.body, second.sink.body], ['ok', 'next']);
  });
});

describe('forwardRequest(): an upstream that is not there', () => {
  it('is unreachable when it refuses, or when its socket does not exist', async () => {
    const closed = await openRawUpstream(() => undefined);
    await closed[Symbol.asyncDispose]();
    for (const to of [closed.url, new URL('unix:///nonexistent/app.sock')]) {
      await using pool = poolOf(to);
      assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'upstream-unreachable');
    }
  });

  it('is late when the whole answer takes longer than the route allows', async () => {
    await using upstream = await openRawUpstream((socket, head) => {
      if (head.includes('/begun')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
    });
    await using pool = poolOf(upstream.url);
    const route = routeOf(pool, { timeoutMs: 30 });
    assert.equal(await failureCode(forward(route, inboundOf())), 'upstream-timeout');
    const begun = forward(route, inboundOf({ target: '/begun' }));
    assert.deepEqual([await failureCode(begun), begun.sink.body, begun.sink.ended], ['done 200 upstream-timeout', 'abc', 'aborted']);
    await upstream.left();
  });

  it('is late by the clock of its pool where the route allows it a second or more', async () => {
    await using upstream = await openRawUpstream((socket, head) => {
      if (!head.includes('/never')) socket.write(emptyAnswer);
    });
    await using pool = poolOf(upstream.url);
    let now = 0;
    using deadlines = new Deadlines({ clock: () => now, everyMs: 2 });
    const route = routeOf({ ...pool, deadlines }, { timeoutMs: 30_000 });
    const never = forward(route, inboundOf({ target: '/never' }));
    assert.equal(await failureCode(forward(route, inboundOf())), 'done 200 whole');
    now = 29_999;
    assert.equal(await failureCode(forward(route, inboundOf())), 'done 200 whole');
    now = 30_000;
    assert.equal(await failureCode(never), 'upstream-timeout');
  });

  it('is asked once more when it closed an idle connection in that moment, and only for what may be asked twice', async () => {
    // The second request of a connection finds it closed without an answer.
    const seen = new Map<object, number>();
    await using upstream = await openRawUpstream((socket) => {
      const count = (seen.get(socket) ?? 0) + 1;
      seen.set(socket, count);
      if (count === 1) socket.write(emptyAnswer);
      else socket.end();
    });
    await using pool = poolOf(upstream.url);
    const route = routeOf(pool);
    assert.equal(await failureCode(forward(route, inboundOf())), 'done 200 whole');
    assert.equal(await failureCode(forward(route, inboundOf())), 'done 200 whole');
    assert.equal(await failureCode(forward(route, inboundOf({ method: 'POST' }))), 'upstream-broken');
    assert.equal(upstream.received.length, 2);
  });

  it('is not asked again when a fresh connection was closed', async () => {
    await using upstream = await openRawUpstream((socket) => socket.end());
    await using pool = poolOf(upstream.url);
    assert.deepEqual([await failureCode(forward(routeOf(pool), inboundOf())), upstream.received.length], ['upstream-broken', 1]);
  });
});

function poolOf(to: URL): UpstreamPool {
  return poolTo(to);
}

async function closedStream(stream: PassThrough): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
}
