import assert from 'node:assert/strict';
import type { ClientHttp2Session } from 'node:http2';
import { before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import type { Http2Answer } from './http2-client.ts';
import { askHttp2, connectHttp2, readAnswer } from './http2-client.ts';
import type { TestListener, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const timely = { timeout: 20_000 };

/** A budget of one window and no refill: whatever is counted wrongly adds up to more than that soon. */
const limits = { checkEveryMs: 20, controlBurst: 80 * 1024, controlBytesPerSecond: 0 };

describe('Http2Meter', () => {
  let pki: TestPki;

  before(async () => {
    pki = await makePki();
  });

  async function onListener(onRequest: (exchange: Exchange) => void, use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
    await using server: TestListener = await startListener({ groups: makeGroups(pki, [['plain.test', 'none']]), limits, onRequest });
    const session = connectHttp2(server.port);
    await use(session);
    await new Promise((resolve) => setTimeout(resolve, 3 * limits.checkEveryMs));
    assert.deepEqual([server.cut, session.closed], [[], false]);
    session.destroy();
  }

  it('leaves alone a client that sends large header sections', timely, () =>
    onListener(
      ({ sink }) => sendText(sink, 'ok'),
      (session) => ask(session, 100, (turn) => askHttp2(session, { ':path': `/${turn}`, cookie: `${turn}${'c'.repeat(9_000)}` }), 200),
    ),
  );

  it('leaves alone a client that downloads much', timely, () =>
    onListener(
      ({ sink }) => {
        let left = 300;
        const chunk = Buffer.alloc(64 * 1024);
        const go = (): void => {
          while (left > 0) {
            left -= 1;
            if (!sink.write(chunk)) return;
          }
          sink.end();
        };
        sink.head(200, []);
        sink.onDrain(go);
        go();
      },
      async (session) => {
        const answer = await askHttp2(session, { ':path': '/' });
        assert.equal(answer.body.length, 300 * 64 * 1024);
      },
    ),
  );

  it('leaves alone a client of a stream of small events', timely, () =>
    onListener(
      ({ sink }) => {
        sink.head(200, ['Content-Type', 'text/event-stream']);
        let left = 3_000;
        const tick = (): void => {
          sink.write(Buffer.from('data: 1\n\n'));
          left -= 1;
          if (left === 0) sink.end();
          else setImmediate(tick);
        };
        tick();
      },
      async (session) => assert.equal((await askHttp2(session, { ':path': '/' })).body.length, 27_000),
    ),
  );

  it('leaves alone a client that uploads in small pieces', timely, () =>
    onListener(readAll, async (session) => {
      const stream = session.request({ ':path': '/', ':method': 'POST', ':authority': 'plain.test' });
      const answer = readAnswer(stream);
      for (let piece = 0; piece < 5_000; piece += 1) {
        if (!stream.write(Buffer.alloc(20))) await new Promise((resolve) => stream.once('drain', resolve));
        if (piece % 50 === 0) await new Promise(setImmediate);
      }
      stream.end();
      assert.equal((await answer).body, '100000');
    }),
  );

  for (const [what, finish] of [
    ['are read late', readAll],
    ['are refused late', ({ sink }) => sendText(sink, 'no', 403)],
  ] as const satisfies readonly (readonly [string, (exchange: Exchange) => void])[]) {
    it(`leaves alone a client of which many uploads ${what}`, timely, () =>
      onListener(
        (exchange) => void setTimeout(() => finish(exchange), 10 * limits.checkEveryMs),
        async (session) => {
          const uploads = Array.from({ length: 20 }, () => askHttp2(session, { ':path': '/', ':method': 'POST' }, Buffer.alloc(60_000)));
          const answers = await Promise.all(uploads);
          assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set([finish === readAll ? '60000' : 'no']));
        },
      ),
    );
  }

  it('leaves alone a client of which small messages are read late', timely, () =>
    onListener(
      (exchange) => void setTimeout(() => readAll(exchange), 10 * limits.checkEveryMs),
      async (session) => {
        const stream = session.request({ ':path': '/', ':method': 'POST', ':authority': 'plain.test' });
        const answer = readAnswer(stream);
        // The smallest that gRPC has: five bytes in front of one.
        for (let piece = 0; piece < 9_000; piece += 1) {
          stream.write(Buffer.alloc(6));
          if (piece % 20 === 0) await new Promise(setImmediate);
        }
        stream.end();
        assert.equal((await answer).body, '54000');
      },
    ),
  );

  it('leaves alone a client whose uploads are refused unread', timely, () =>
    onListener(
      ({ sink }) => sendText(sink, 'no', 403),
      (session) => ask(session, 20, () => askHttp2(session, { ':path': '/', ':method': 'POST' }, Buffer.alloc(60_000)), 403),
    ),
  );

  it('leaves alone a client that asks now and then whether we are there', timely, () =>
    onListener(
      ({ sink }) => sendText(sink, 'ok'),
      async (session) => {
        for (let turn = 0; turn < 500; turn += 1) await new Promise<void>((resolve) => void session.ping(() => resolve()));
      },
    ),
  );
});

async function ask(session: ClientHttp2Session, times: number, one: (turn: number) => Promise<Http2Answer>, status: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) assert.equal((await one(turn)).status, status, `request ${turn}`);
  assert.equal(session.closed, false);
}

/** Answers with how much came. */
function readAll({ body, sink }: Exchange): void {
  let length = 0;
  body?.stream.on('data', (chunk: Buffer) => (length += chunk.length)).on('end', () => sendText(sink, String(length)));
}
