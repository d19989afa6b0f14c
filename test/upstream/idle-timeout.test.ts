import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import { forwardRequest } from '../../src/upstream/forward-request.ts';
import type { UpstreamRoute } from '../../src/upstream/upstream-route.ts';
import { inboundOf, vouching } from './example-request.ts';
import type { End } from './forwarding.ts';
import { FakeSink, observer, permitFor, poolTo, routeOf } from './forwarding.ts';
import { openRawUpstream } from './raw-upstream.ts';
import { openFront, openRawClient, switching } from './upgrade-front.ts';

const idleMs = 30;

/** Time that passes when a test says so: on a busy machine a real one passes between any two steps. */
function openClock(): { readonly now: () => number; pass(milliseconds: number): void } {
  let at = 0;
  return { now: () => at, pass: (milliseconds) => void (at += milliseconds) };
}

interface Given {
  readonly body?: Exchange['body'];
  readonly now: () => number;
}

function forward(route: UpstreamRoute, inbound: Inbound, { body, now }: Given): { readonly sink: FakeSink; readonly over: Promise<End> } {
  const sink = new FakeSink();
  const { observe, over } = observer();
  forwardRequest(permitFor(inbound), route, { inbound, body, sink }, vouching(), { ...observe, now });
  return { sink, over };
}

async function told(over: Promise<End>): Promise<readonly [string, number, string | undefined, string | undefined]> {
  const end = await over;
  const { failure, status } = end.kind === 'failed' ? { ...end, status: 0 } : end.outcome;
  return [end.kind, status, failure?.code, failure?.message.replace(/127[^ /]*/, 'x')];
}

const silence = `Not a byte to or from http://x/ for ${idleMs} ms`;

describe('the idle timeout of an answer', () => {
  it('ends the wait for one that does not begin, and cuts one that falls silent', async () => {
    await using mute = await openRawUpstream(() => undefined);
    await using half = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
    await using first = poolTo(mute.url);
    await using second = poolTo(half.url);
    const clock = openClock();
    const waiting = forward(routeOf(first, { idleTimeoutMs: idleMs }), inboundOf(), clock);
    await mute.until((text) => text !== '');
    clock.pass(idleMs);
    assert.deepEqual(await told(waiting.over), ['failed', 0, 'upstream-idle', silence]);
    const cut = forward(routeOf(second, { idleTimeoutMs: idleMs }), inboundOf(), clock);
    await until(() => cut.sink.body === 'half');
    clock.pass(idleMs);
    assert.deepEqual([await told(cut.over), cut.sink.ended], [['done', 200, 'upstream-idle', silence], 'aborted']);
    await Promise.all([mute.left(), half.left()]);
  });

  it('leaves alone what takes longer in all, as long as bytes move in either direction', async () => {
    const body = new PassThrough();
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolTo(upstream.url);
    const clock = openClock();
    const run = forward(routeOf(pool, { idleTimeoutMs: idleMs }), inboundOf({ method: 'POST' }), {
      body: { stream: body, length: undefined, trailers: () => [] },
      now: clock.now,
    });
    for (const letter of 'QUESTION') {
      body.write(letter);
      await upstream.until((text) => text.endsWith(`${letter}\r\n`) || text.endsWith(`\r\n${letter}`));
      clock.pass(idleMs - 1);
      await setTimeout(5);
    }
    body.end();
    await upstream.until((text) => text.endsWith('0\r\n\r\n'));
    upstream.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
    for (const [index, letter] of 'answer'.split('').entries()) {
      upstream.sockets[0]?.write(letter);
      await until(() => run.sink.body.length > index);
      clock.pass(idleMs - 1);
      await setTimeout(5);
    }
    assert.deepEqual([await told(run.over), run.sink.body], [['done', 200, undefined, undefined], 'answer']);
  });

  it('of seconds keeps pieces of the answer from being lent, for a slow client keeps one longer than that', async () => {
    const length = 4 * 1024 * 1024;
    await using upstream = await openRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      socket.write(Buffer.alloc(length));
    });
    await using pool = poolTo(upstream.url);
    for (const [idleTimeoutMs, lends] of [
      [0, true],
      [59_999, false],
      [60_000, true],
    ] as const) {
      const sink = new LentSink();
      const { observe, over } = observer();
      const inbound = inboundOf();
      forwardRequest(permitFor(inbound), routeOf(pool, { idleTimeoutMs }), { inbound, body: undefined, sink }, vouching(), observe);
      assert.deepEqual([(await over).kind, sink.bytesWritten, sink.loans > 0], ['done', length, lends], `${idleTimeoutMs} ms`);
    }
  });

  it('has another word in the log than the time that was over', async () => {
    await using mute = await openRawUpstream(() => undefined);
    await using pool = poolTo(mute.url);
    const clock = openClock();
    const [, , code, message] = await told(forward(routeOf(pool, { timeoutMs: 40, idleTimeoutMs: idleMs }), inboundOf(), clock).over);
    assert.deepEqual([code, message], ['upstream-timeout', 'No whole answer of http://x/ within 40 ms']);
    const patient = forward(routeOf(pool, { timeoutMs: 2 ** 45, idleTimeoutMs: idleMs }), inboundOf(), clock);
    clock.pass(idleMs);
    assert.deepEqual((await told(patient.over))[2], 'upstream-idle');
  });
});

describe('the idle timeout of a tunnel', () => {
  it('ends one in which nothing moves, and none in which either side speaks', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    const clock = openClock();
    await using front = await openFront(routeOf(pool, { idleTimeoutMs: idleMs }), [], clock.now);
    const client = openRawClient(front.port);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    for (const turn of ['c', 'cc', 'ccc']) {
      client.socket.write('c');
      await upstream.until((text) => text.endsWith(`\r\n\r\n${turn}`));
      clock.pass(idleMs - 1);
      await setTimeout(5);
      upstream.sockets[0]?.write('u');
      await client.until((text) => text.endsWith(turn.replaceAll('c', 'u')));
      clock.pass(idleMs - 1);
      await setTimeout(5);
    }
    clock.pass(idleMs);
    const text = await client.closed;
    assert.deepEqual([text.endsWith('\r\n\r\nuuu'), upstream.received[0]?.endsWith('\r\n\r\nccc')], [true, true]);
    const [ended] = front.ends;
    assert.ok(ended);
    const expected = ['done', 101, 'upstream-idle', 'Not a byte to or from http://x/ in its tunnel for 30 ms'];
    assert.deepEqual(await told(ended), expected);
    await upstream.left();
  });
});

class LentSink extends FakeSink {
  readonly takesLoans = true;
  loans = 0;

  override write(chunk: Uint8Array, giveBack?: () => void): boolean {
    if (giveBack !== undefined) {
      this.loans += 1;
      setImmediate(giveBack);
    }
    return super.write(chunk);
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(1);
}
