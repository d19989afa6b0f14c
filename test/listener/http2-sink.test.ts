import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { connect, constants, createServer, sensitiveHeaders } from 'node:http2';
import { before, describe, it } from 'node:test';
import type { Exchange, ReplySink } from '../../src/http/exchange.ts';
import { Http2Sink } from '../../src/listener/http2-sink.ts';
import { createStallWatch } from '../../src/listener/stall-watch.ts';
import { askHttp2, connectHttp2, readAnswer } from './http2-client.ts';
import { collectGarbage } from '../collect-garbage.ts';
import type { TestListener, TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

describe('Http2Sink', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  function answering(answer: (sink: ReplySink, exchange: Exchange) => void, limits = {}): Promise<TestListener> {
    return startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      limits: { checkEveryMs: 10, ...limits },
      onRequest: (exchange) => answer(exchange.sink, exchange),
    });
  }

  it('sends a reply with its length, and leaves the body out for HEAD, 204 and 304', async () => {
    await using server = await answering((sink, { inbound }) =>
      sink.send({ status: Number(inbound.path.slice(1)), headers: ['Content-Type', 'text/plain'], body: 'abc' }),
    );
    const session = connectHttp2(server.port);
    const seen: unknown[] = [];
    for (const [method, path] of [
      ['GET', '/200'],
      ['HEAD', '/200'],
      ['GET', '/204'],
      ['GET', '/304'],
    ]) {
      const { status, headers, body, ended } = await askHttp2(session, { ':method': method, ':path': path });
      seen.push([status, headers['content-length'], body, ended]);
    }
    session.close();
    assert.deepEqual(seen, [
      [200, '3', 'abc', true],
      [200, '3', '', true],
      [204, undefined, '', true],
      [304, undefined, '', true],
    ]);
  });

  it('lowers names, keeps repetitions, drops connection fields, and sends trailers to those who take them', async () => {
    await using server = await answering((sink) => {
      sink.head(200, [
        'Set-Cookie',
        'a=1',
        'set-cookie',
        'b=2',
        'Content-Type',
        'a/b',
        'content-type',
        'c/d',
        'Connection',
        'x',
        'Transfer-Encoding',
        'chunked',
        'Date',
        'd',
      ]);
      sink.write(Buffer.from('abc'));
      sink.end(['Grpc-Status', '0', 'bad name', '1', 'Connection', 'x']);
    });
    const session = connectHttp2(server.port);
    const [first, second] = [await askHttp2(session, { te: 'trailers' }), await askHttp2(session, {})];
    session.close();
    const { ':status': status, 'set-cookie': cookies, date, connection, 'transfer-encoding': coding } = first.headers;
    assert.deepEqual([status, cookies, date, connection, coding, first.body], [200, ['a=1', 'b=2'], 'd', undefined, undefined, 'abc']);
    assert.deepEqual(
      [first.trailers?.['grpc-status'], Object.keys(first.trailers ?? {}), second.trailers, second.ended],
      ['0', ['grpc-status'], undefined, true],
    );
  });

  it('keeps the reference of each answer out of the compression table', async () => {
    await using server = await answering((sink) =>
      sink.send({ status: 200, headers: ['Server', 'x', 'X-Request-Id', crypto.randomUUID()], body: '' }),
    );
    const session = connectHttp2(server.port);
    const stream = session.request({ ':authority': 'plain.test' });
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & Record<symbol, unknown>];
    session.destroy();
    assert.deepEqual([headers[sensitiveHeaders], headers['x-request-id']?.length], [['x-request-id'], 36]);
  });

  it('never makes a broken answer look whole', async () => {
    const answers: Readonly<Record<string, (sink: ReplySink) => void>> = {
      aborted: (sink) => {
        sink.head(200, []);
        sink.write(Buffer.from('abc'));
        setImmediate(() => sink.abort());
      },
      'aborted at once': (sink) => {
        sink.head(200, []);
        sink.write(Buffer.from('abc'));
        sink.abort();
      },
      'aborted with much unsent': (sink) => {
        sink.head(200, []);
        while (sink.write(Buffer.alloc(10_000)));
        setTimeout(() => sink.abort(), 10);
      },
      short: (sink) => {
        sink.head(200, ['Content-Length', '5']);
        sink.write(Buffer.from('abc'));
        sink.end();
      },
      long: (sink) => {
        sink.head(200, ['Content-Length', '2']);
        sink.write(Buffer.from('abc'));
        sink.end();
      },
      'sent twice': (sink) => {
        sink.head(200, []);
        sink.send({ status: 502, headers: [], body: 'page' });
      },
      headless: (sink) => sink.end(),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const completes: boolean[] = [];
      await using server = await answering((sink) => {
        sink.onClose((complete) => completes.push(complete));
        answer(sink);
      });
      const session = connectHttp2(server.port);
      for (const te of ['', 'trailers']) {
        const { ended, rstCode } = await askHttp2(session, te === '' ? {} : { te });
        assert.deepEqual([ended, rstCode], [false, constants.NGHTTP2_INTERNAL_ERROR], `${name} ${te}`);
      }
      session.close();
      assert.deepEqual(completes, [false, false], name);
    }
  });

  it('refuses answers that could not be sent, with nothing sent yet', async () => {
    const heads: readonly (readonly [number, readonly string[]])[] = [
      [200, ['Content-Length', '3', 'content-length', '4']],
      [200, ['bad name', '1']],
      [101, []],
      [999, []],
    ];
    for (const [status, headers] of heads) {
      await using server = await answering((sink) => {
        assert.throws(() => sink.head(status, headers), { code: 'upstream-broken' });
        sink.send({ status: 502, headers: [], body: 'bad gateway' });
      });
      const session = connectHttp2(server.port);
      const answer = await askHttp2(session, {});
      session.close();
      assert.deepEqual([answer.status, answer.body], [502, 'bad gateway'], JSON.stringify(headers));
    }
  });

  it('passes 1xx answers on, but not the two that are its own', async () => {
    await using server = await answering((sink) => {
      for (const status of [100, 101, 102, 103]) sink.informational(status, ['Link', '</a>', 'Connection', 'x', '__proto__', '1']);
      sink.send({ status: 200, headers: [], body: '' });
    });
    const session = connectHttp2(server.port);
    const { status, informational } = await askHttp2(session, {});
    session.close();
    assert.deepEqual([status, informational], [200, [102, 103]]);
  });

  it('tells the writer to wait for a slow client, and when to go on', async () => {
    let waited = false;
    await using server = await answering((sink) => {
      sink.head(200, []);
      sink.onDrain(() => {
        waited = true;
        sink.end();
      });
      while (sink.write(Buffer.alloc(10_000)));
    });
    const session = connectHttp2(server.port);
    const { ended } = await askHttp2(session, {});
    session.close();
    assert.deepEqual([waited, ended], [true, true]);
  });

  it('cuts a client that leaves its window shut, also for the last bytes', async () => {
    const closed = Promise.withResolvers<boolean>();
    await using server = await answering(
      (sink) => {
        sink.onClose(closed.resolve);
        sink.send({ status: 200, headers: [], body: 'abc' });
      },
      { writeStallMs: 50 },
    );
    const session = connectHttp2(server.port, { settings: { initialWindowSize: 0 } });
    const answer = askHttp2(session, {});
    assert.equal(await closed.promise, false);
    assert.equal((await answer).ended, false);
    session.destroy();
  });

  it('tells that the client went away', async () => {
    const closed = Promise.withResolvers<boolean>();
    const started = Promise.withResolvers<void>();
    await using server = await answering((sink) => {
      sink.onClose(closed.resolve);
      sink.head(200, []);
      started.resolve();
    });
    const session = connectHttp2(server.port);
    const stream = session.request({ ':authority': 'plain.test' });
    void readAnswer(stream);
    await started.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    assert.equal(await closed.promise, false);
    session.destroy();
  });

  it('tells once that the answer is over, what it was, and whether it was whole', async () => {
    const ends: unknown[] = [];
    await using server = await answering((sink) => {
      sink.onClose((complete) => ends.push([complete, sink.status, sink.bytesWritten]));
      sink.send({ status: 404, headers: [], body: 'abc' });
    });
    const session = connectHttp2(server.port);
    await askHttp2(session, {});
    await new Promise((resolve) => session.close(() => resolve(undefined)));
    assert.deepEqual(ends, [[true, 404, 3]]);
  });

  it('leaves nothing of an exchange on a stream that is over, which Node keeps for a while', async () => {
    const server = createServer();
    const streams: ServerHttp2Stream[] = [];
    const left: unknown[] = [];
    server.on('stream', (stream: ServerHttp2Stream) => {
      streams.push(stream);
      const owner = {
        stalls: createStallWatch({ stallMs: 1000, everyMs: 1000 }),
        onClosing() {},
        onClosed: () => left.push(sinksOn(stream)),
      };
      const sink = new Http2Sink({ stream, method: 'GET', takesTrailers: false, body: undefined, owner });
      left.push(sinksOn(stream));
      sink.head(200, ['Content-Type', 'text/plain']);
      sink.end();
    });
    server.listen(0);
    const session = connect(`http://127.0.0.1:${portOf(server)}`);
    const { status } = await askHttp2(session, { ':path': '/' });
    session.close();
    await new Promise((closed) => server.close(closed));
    assert.deepEqual(
      { status, left, sent: streams.map(({ sentHeaders }) => Object.keys(sentHeaders)) },
      { status: 200, left: [1, 0], sent: [[]] },
    );
  });

  it('lets go of whoever heard of the drain of a stream, though Node keeps the stream', async () => {
    const server = createServer();
    const streams: ServerHttp2Stream[] = [];
    const heard: WeakRef<object>[] = [];
    let drains = 0;
    const owner = { stalls: createStallWatch({ stallMs: 1000, everyMs: 1000 }), onClosing() {}, onClosed() {} };
    const answerSlowly = (sink: Http2Sink): object => {
      const exchange = { sink };
      sink.onDrain(() => {
        drains += 1;
        exchange.sink.end();
      });
      sink.onClose(() => void exchange.sink);
      return exchange;
    };
    server.on('stream', (stream: ServerHttp2Stream) => {
      streams.push(stream);
      const sink = new Http2Sink({ stream, method: 'GET', takesTrailers: false, body: undefined, owner });
      heard.push(new WeakRef(answerSlowly(sink)));
      sink.head(200, []);
      while (sink.write(Buffer.alloc(100_000)));
    });
    server.listen(0);
    const session = connect(`http://127.0.0.1:${portOf(server)}`);
    const { ended } = await askHttp2(session, { ':path': '/' });
    session.close();
    await new Promise((closed) => server.close(closed));
    for (let round = 0; round < 50 && heard[0]?.deref() !== undefined; round += 1) await collectGarbage();
    assert.deepEqual([ended, drains, heard.map((exchange) => exchange.deref())], [true, 1, [undefined]]);
    assert.deepEqual(
      streams.map((stream) => stream.listenerCount('drain')),
      [1],
    );
  });
});

function sinksOn(stream: object): number {
  return Object.getOwnPropertySymbols(stream).filter((symbol) => Reflect.get(stream, symbol) instanceof Http2Sink).length;
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
}
