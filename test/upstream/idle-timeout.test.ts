import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
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

/** The observer of the other tests has a clock that jumps at each look; here the time that passes is what counts. */
function forward(
  route: UpstreamRoute,
  inbound: Inbound,
  body?: Exchange['body'],
): { readonly sink: FakeSink; readonly over: Promise<End> } {
  const sink = new FakeSink();
  const { observe, over } = observer();
  forwardRequest(permitFor(inbound), route, { inbound, body, sink }, vouching(), { ...observe, now: () => performance.now() });
  return { sink, over };
}

async function told(over: Promise<End>): Promise<readonly [string, number, string | undefined, string | undefined]> {
  const end = await over;
  const { failure, status } = end.kind === 'failed' ? { ...end, status: 0 } : end.outcome;
  return [end.kind, status, failure?.code, failure?.message.replace(/127[^ /]*/, 'x')];
}

const silence = 'Not a byte to or from http://x/ for 60 ms';

describe('the idle timeout of an answer', () => {
  it('ends the wait for one that does not begin, and cuts one that falls silent', async () => {
    await using mute = await openRawUpstream(() => undefined);
    await using half = await openRawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
    await using first = poolTo(mute.url);
    await using second = poolTo(half.url);
    assert.deepEqual(await told(forward(routeOf(first, { idleTimeoutMs: 60 }), inboundOf()).over), ['failed', 0, 'upstream-idle', silence]);
    const cut = forward(routeOf(second, { idleTimeoutMs: 60 }), inboundOf());
    assert.deepEqual([await told(cut.over), cut.sink.ended], [['done', 200, 'upstream-idle', silence], 'aborted']);
    await Promise.all([mute.left(), half.left()]);
  });

  it('leaves alone what takes longer in all, as long as bytes move in either direction', async () => {
    const body = new PassThrough();
    const answer = async (socket: Socket): Promise<void> => {
      await upstream.until((text) => text.endsWith('0\r\n\r\n'));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
      for (const letter of 'answer') {
        await setTimeout(30);
        socket.write(letter);
      }
    };
    await using upstream = await openRawUpstream((socket) => void answer(socket));
    await using pool = poolTo(upstream.url);
    const run = forward(routeOf(pool, { idleTimeoutMs: 120 }), inboundOf({ method: 'POST' }), {
      stream: body,
      length: undefined,
      trailers: () => [],
    });
    for (const letter of 'question') {
      body.write(letter);
      await setTimeout(30);
    }
    body.end();
    assert.deepEqual([await told(run.over), run.sink.body], [['done', 200, undefined, undefined], 'answer']);
  });

  it('has another word in the log than the time that was over', async () => {
    await using mute = await openRawUpstream(() => undefined);
    await using pool = poolTo(mute.url);
    const [, , code, message] = await told(forward(routeOf(pool, { timeoutMs: 40, idleTimeoutMs: 60 }), inboundOf()).over);
    assert.deepEqual([code, message], ['upstream-timeout', 'No whole answer of http://x/ within 40 ms']);
    const patient = routeOf(pool, { timeoutMs: 2 ** 45, idleTimeoutMs: 60 });
    assert.deepEqual((await told(forward(patient, inboundOf()).over))[2], 'upstream-idle');
  });
});

describe('the idle timeout of a tunnel', () => {
  it('ends one in which nothing moves, and none in which either side speaks', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool, { idleTimeoutMs: 120 }), [], () => performance.now());
    const client = openRawClient(front.port);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    const began = performance.now();
    for (let turn = 0; turn < 3; turn += 1) {
      await setTimeout(40);
      client.socket.write('c');
      await setTimeout(40);
      upstream.sockets[0]?.write('u');
    }
    const text = await client.closed;
    assert.ok(performance.now() - began >= 6 * 40);
    assert.deepEqual([text.endsWith('\r\n\r\nuuu'), upstream.received[0]?.endsWith('\r\n\r\nccc')], [true, true]);
    const [ended] = front.ends;
    assert.ok(ended);
    const expected = ['done', 101, 'upstream-idle', 'Not a byte to or from http://x/ in its tunnel for 120 ms'];
    assert.deepEqual(await told(ended), expected);
    await upstream.left();
  });
});
