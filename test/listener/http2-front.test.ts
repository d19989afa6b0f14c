import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import { askHttp2, connectHttp2, readAnswer } from './http2-client.ts';
import { connectTls, readToEnd } from './raw-client.ts';
import type { TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

describe('Http2Front', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });
  const groups = () => makeGroups(pki, [['plain.test', 'none']]);

  it('serves streams side by side, and hands over headers as received', async () => {
    const seen: unknown[] = [];
    await using server = await startListener({
      groups: groups(),
      onRequest({ inbound, body, sink }) {
        seen.push([inbound.protocol, inbound.method, inbound.rawAuthority, inbound.path, inbound.headers, body]);
        sendText(sink, inbound.path);
      },
    });
    const session = connectHttp2(server.port);
    const answers = await Promise.all(['/1', '/2'].map((path) => askHttp2(session, { ':path': path, cookie: 'a=1', 'x-a': ['1', '2'] })));
    session.close();
    assert.deepEqual(
      answers.map(({ status, body, ended }) => [status, body, ended]),
      [
        [200, '/1', true],
        [200, '/2', true],
      ],
    );
    const headers = ['cookie', 'a=1', 'x-a', '1', 'x-a', '2'];
    assert.deepEqual(seen, [
      ['h2', 'GET', 'plain.test', '/1', headers, undefined],
      ['h2', 'GET', 'plain.test', '/2', headers, undefined],
    ]);
  });

  it('refuses two authorities that differ, and takes two that agree for one', async () => {
    await using server = await startListener({ groups: groups() });
    const session = connectHttp2(server.port);
    const ask = (...authorities: readonly string[]) =>
      askHttp2(session, [':method', 'GET', ':scheme', 'https', ':path', '/', ...authorities]);
    const answers = [
      await ask(':authority', 'plain.test', 'host', 'other.test'),
      await ask(':authority', 'plain.test', 'host', 'plain.test'),
    ];
    session.close();
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body}`),
      ['400 header-duplicate', '200 GET plain.test/'],
    );
  });

  it('takes 1,000 fields, `:authority` among them, and answers more with 431', async () => {
    await using server = await startListener({ groups: groups() });
    const session = connectHttp2(server.port);
    const answers = [await askHttp2(session, fields(999)), await askHttp2(session, fields(1_000))];
    session.close();
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 431],
    );
  });

  it('refuses what is sound in HTTP/2 and would be a second request in HTTP/1.1', async () => {
    const handed: Exchange[] = [];
    await using server = await startListener({ groups: groups(), onRequest: (exchange) => void handed.push(exchange) });
    const session = connectHttp2(server.port);
    const answers = [
      await askHttp2(session, { ':path': '/a%2fb' }),
      await askHttp2(session, { x_a: '1' }),
      await askHttp2(session, { ':method': 'CONNECT' }),
      await askHttp2(session, { ':method': 'OPTIONS', ':path': '*' }),
      await askHttp2(session, { expect: 'tea' }),
    ];
    session.close();
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body}`),
      ['400 path-escaped-slash', '400 header-underscore', '400 target-invalid', '400 target-invalid', '417 expectation-failed'],
    );
    assert.deepEqual(handed, []);
  });

  it('hands over bodies with their trailers, whatever their size', async () => {
    const payload = Buffer.alloc(3_000_000, 'postern');
    await using server = await startListener({
      groups: groups(),
      async onRequest({ body, sink }) {
        const hash = createHash('sha256');
        for await (const chunk of body?.stream ?? []) hash.update(chunk as Buffer);
        sendText(sink, `${hash.digest('hex')} ${body?.length} ${body?.trailers().join('=')}`);
      },
    });
    const session = connectHttp2(server.port);
    const stream = session.request({ ':authority': 'plain.test', ':method': 'POST' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
    stream.end(payload);
    const { body } = await readAnswer(stream);
    session.close();
    assert.equal(body, `${createHash('sha256').update(payload).digest('hex')} undefined x-sum=1`);
  });

  it('asks for the body of an expectant client only when somebody wants it', async () => {
    await using server = await startListener({
      groups: groups(),
      async onRequest({ inbound, body, sink }) {
        if (inbound.path === '/no') return sendText(sink, 'denied', 403);
        sendText(sink, String(await body?.stream.toArray()));
      },
    });
    const session = connectHttp2(server.port);
    const ask = async (path: string) => {
      const stream = session.request({ ':authority': 'plain.test', ':method': 'POST', ':path': path, expect: '100-continue' });
      stream.on('continue', () => stream.end('body'));
      const answer = await readAnswer(stream);
      return `${answer.status} ${answer.informational.join()} ${answer.body}`;
    };
    const answers = [await ask('/no'), await ask('/yes')];
    session.close();
    assert.deepEqual(answers, ['403  denied', '200 100 body']);
  });

  it('takes no body for whole whose stream the client reset, whatever code it gave', async () => {
    for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]) {
      const outcome = Promise.withResolvers<unknown>();
      await using server = await startListener({
        groups: groups(),
        onRequest({ body }) {
          body?.stream.resume();
          body?.stream.on('end', () => outcome.resolve('whole'));
          body?.stream.on('error', (error: NodeJS.ErrnoException) => outcome.resolve(error.code));
        },
      });
      const socket = await connectTls(server.port, { ALPNProtocols: ['h2'] });
      const post = Buffer.from('\x83\x87\x84\x41\x0aplain.test', 'latin1');
      socket.write(
        Buffer.concat([
          preface,
          frame(4, 0, 0),
          frame(1, 4, 1, post),
          frame(0, 0, 1, Buffer.from('half')),
          frame(3, 0, 1, Buffer.from([0, 0, 0, code])),
        ]),
      );
      assert.equal(await outcome.promise, 'client-aborted');
      socket.destroy();
    }
  });

  it('answers before the end of the body and asks the client to stop', async () => {
    await using server = await startListener({ groups: groups(), onRequest: ({ sink }) => sendText(sink, 'x'.repeat(200_000), 403) });
    const session = connectHttp2(server.port);
    const stream = session.request({ ':authority': 'plain.test', ':method': 'POST' });
    stream.write('half');
    const { status, body, ended, rstCode } = await readAnswer(stream);
    session.close();
    assert.deepEqual([status, body.length, ended, rstCode], [403, 200_000, true, constants.NGHTTP2_NO_ERROR]);
  });

  it('closes a session on which no request comes, and one that idles', async () => {
    await using server = await startListener({ groups: groups(), limits: { headMs: 60, keepAliveMs: 60, lingerMs: 50 } });
    const silent = await connectTls(server.port, { ALPNProtocols: ['h2'] });
    silent.write(Buffer.concat([preface, frame(4, 0, 0)]));
    await readToEnd(silent);
    const idle = connectHttp2(server.port);
    await askHttp2(idle, {});
    await once(idle, 'close');
  });

  it('allows 100 streams at a time', async () => {
    await using server = await startListener({ groups: groups() });
    const session = connectHttp2(server.port);
    const [settings] = (await once(session, 'remoteSettings')) as [{ maxConcurrentStreams: number }];
    session.destroy();
    assert.equal(settings.maxConcurrentStreams, 100);
  });

  it('ends a session that resets its streams as fast as it opens them', async () => {
    await using server = await startListener({
      groups: groups(),
      limits: { streamResetBurst: 10, streamResetsPerSecond: 1 },
      onRequest: () => {},
    });
    const session = connectHttp2(server.port);
    await once(session, 'connect');
    const closed = new Promise((resolve) => session.on('close', resolve));
    for (let round = 0; round < 60 && !session.destroyed; round += 1) {
      const stream = session.request({ ':authority': 'plain.test' });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await closed;
    const next = connectHttp2(server.port);
    next.destroy();
  });

  it('survives a handler that throws', async () => {
    await using server = await startListener({
      groups: groups(),
      onRequest() {
        throw new Error('handler');
      },
    });
    const session = connectHttp2(server.port);
    const { status, ended, rstCode } = await askHttp2(session, {});
    session.close();
    assert.deepEqual([status, ended, rstCode, server.faults.length], [undefined, false, constants.NGHTTP2_INTERNAL_ERROR, 1]);
  });
});

function fields(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** RFC 9113 section 4.1; for what no client library would send. */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, 0, stream]), payload]);
}
