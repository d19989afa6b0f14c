import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { RequestBody } from '../../src/http/exchange.ts';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { announcedTrailers, requestTrailers } from '../../src/upstream/request-trailers.ts';
import { inboundOf, plainPlan } from './example-request.ts';
import type { Run } from './forwarding.ts';
import { FakeSink, bodyOf, failureCode, forward, poolTo, routeOf } from './forwarding.ts';
import { emptyAnswer, fieldLines, openRawUpstream } from './raw-upstream.ts';

const announcing = inboundOf({ method: 'POST', headers: ['Trailer', 'X-Sum', 'Content-Length', '5'] });

function post(pool: UpstreamPool, body: RequestBody = trailing(), sink = new FakeSink()): Run {
  return forward(routeOf(pool, { timeoutMs: 5000 }), announcing, { body, sink });
}

function trailing(trailers: readonly string[] = ['X-Sum', '1']): RequestBody {
  return { ...bodyOf('hello'), trailers: () => trailers };
}

describe('forwardRequest() with trailers over HTTP/1.1', () => {
  it('goes in chunks with its announcement, over a connection that ends with it', async () => {
    await using upstream = await openRawUpstream((socket) => void setTimeout(() => socket.write(emptyAnswer), 20));
    await using pool = poolTo(upstream.url);
    assert.equal(await failureCode(post(pool)), 'done 200 whole');
    const text = upstream.received[0] ?? '';
    assert.deepEqual(
      fieldLines(text).filter(([name]) => !name.startsWith('x-')),
      [
        ['host', upstream.url.host],
        ['trailer', 'X-Sum'],
        ['transfer-encoding', 'chunked'],
        ['connection', 'close'],
      ],
    );
    assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n');
    await upstream.left();
  });

  it('brings hints, headers, body and trailers of the answer', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Back: 1\r\nContent-Type: x\r\n\r\n';
    await using upstream = await openRawUpstream((socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answer}`));
    await using pool = poolTo(upstream.url);
    const run = post(pool);
    assert.equal(await failureCode(run), 'done 200 whole');
    assert.deepEqual(
      [run.sink.informationals, run.sink.headers, run.sink.body, run.sink.trailers],
      [[[103, ['Link', '</a>']]], ['X-A', 'b', 'X-Request-Id', 'reference-1'], 'abc', ['X-Back', '1']],
    );
  });

  it('is told apart in what fails', async () => {
    const closed = await openRawUpstream(() => undefined);
    await closed[Symbol.asyncDispose]();
    await using nobody = poolTo(closed.url);
    assert.equal(await failureCode(post(nobody)), 'upstream-unreachable');
    for (const [answer, end] of [
      ['SSH-2.0-x\r\n\r\n', 'upstream-broken'],
      ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 'upstream-broken'],
      [`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(80 * 1024)}\r\n\r\n`, 'upstream-broken'],
      [`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)}${emptyAnswer}`, 'upstream-broken'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', 'done 200 upstream-broken'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nxx\r\n', 'done 200 upstream-broken'],
    ] as const) {
      await using upstream = await openRawUpstream((socket) => socket.end(answer, 'latin1'));
      await using pool = poolTo(upstream.url);
      assert.equal(await failureCode(post(pool)), end, answer.slice(0, 60));
    }
  });

  it('reads every field of the answer, however many there are before it', async () => {
    const many = 'X-A: b\r\n'.repeat(1200);
    for (const [fields, end] of [
      ['Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'upstream-broken'],
      ['Set-Cookie: _pomerium=x\r\nContent-Length: 2\r\n\r\nok', 'done 200 whole'],
    ] as const) {
      await using upstream = await openRawUpstream((socket) => socket.write(`HTTP/1.1 200 OK\r\n${many}${fields}`));
      await using pool = poolTo(upstream.url);
      const run = post(pool);
      assert.equal(await failureCode(run), end);
      if (end === 'upstream-broken') continue;
      assert.deepEqual(
        [run.sink.headers.slice(-4), run.cookiesDropped],
        [['Content-Length', '2', 'X-Request-Id', 'reference-1'], ['_pomerium']],
      );
    }
  });

  it('lets go of the upstream when the client leaves or its body breaks off, which never looks whole', async () => {
    for (const leave of [(run: Run) => run.sink.close('aborted'), (_run: Run, stream: PassThrough) => stream.destroy()]) {
      await using upstream = await openRawUpstream(() => undefined);
      await using pool = poolTo(upstream.url);
      const stream = new PassThrough();
      stream.write('abc');
      const run = post(pool, { stream, length: undefined, trailers: () => ['X-Sum', '1'] });
      const text = await upstream.until((received) => received.includes('abc'));
      leave(run, stream);
      assert.equal(await failureCode(run), 'client-aborted');
      await upstream.left();
      assert.equal(text.includes('0\r\n\r\n') || text.includes('X-Sum: 1'), false);
    }
  });

  it('is waited for at the end of a pool', async () => {
    const asked = Promise.withResolvers<() => void>();
    await using upstream = await openRawUpstream((socket) => asked.resolve(() => void socket.write(emptyAnswer)));
    const pool = poolTo(upstream.url);
    const run = post(pool);
    const answer = await asked.promise;
    const gone = pool[Symbol.asyncDispose]();
    assert.equal(await failureCode(post(pool)), 'internal');
    answer();
    assert.equal(await failureCode(run), 'done 200 whole');
    await gone;
  });
});

describe('requestTrailers()', () => {
  it('keeps what could be a header and says nothing about the request itself', () => {
    const plan = { ...plainPlan, dropNames: new Set(['x-claim']), remove: new Set(['x-removed']), set: [['X-Set', '1']] as const };
    const inbound = inboundOf({
      headers: ['Connection', 'X-Named', 'Trailer', 'X-Sum, x_claim', 'Trailer', 'X-Sum,grpc-status, bad name,'],
    });
    const names = [
      'X-Sum',
      'grpc-status',
      'X_Claim',
      'x-removed',
      'X_Removed',
      'x-set',
      'X.Set',
      'X-Named',
      'bad name',
      'X-Forwarded-For',
      'Cookie',
      'Range',
    ];
    names.push('Content-Length', 'Transfer-Encoding', 'Host', 'TE', 'If-None-Match', 'X-Http-Method-Override', 'Content-Type', 'Proxy');
    const fields = [...names.flatMap((name) => [name, '1']), 'X-Broken', 'a\nb'];
    assert.deepEqual(requestTrailers(inbound, plan, fields), ['X-Sum', '1', 'grpc-status', '1']);
    assert.deepEqual(announcedTrailers(inbound, plan), ['X-Sum', 'grpc-status']);
  });
});
