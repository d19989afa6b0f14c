import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inboundOf, vouching } from './example-request.ts';
import { observer, permitFor, poolTo, routeOf } from './forwarding.ts';
import { forwardUpgrade } from '../../src/upstream/forward-upgrade.ts';
import { fieldLines, openRawUpstream } from './raw-upstream.ts';
import { clientKey, openClientWith, openFront, switching } from './upgrade-front.ts';

const allowed = { upgrades: new Set(['spdy/3.1'] as const) };

function exec(method: string, lines: readonly string[] = []): string {
  const head = [`${method} /api/v1/namespaces/a/pods/b/exec?command=sh HTTP/1.1`, 'Host: app.example', 'Connection: Upgrade'];
  return `${[...head, 'Upgrade: SPDY/3.1', 'X-Stream-Protocol-Version: v4.channel.k8s.io', ...lines].join('\r\n')}\r\n\r\n`;
}

const switched =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n';

describe('forwardUpgrade(): SPDY', () => {
  for (const [method, lines] of [
    ['POST', ['Content-Length: 0']],
    ['POST', []],
    ['GET', []],
  ] as const) {
    it(`carries bytes both ways behind a ${method} ${lines.join()}`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.write(`${switched}\x80\x03server`, 'latin1'));
      await using pool = poolTo(upstream.url);
      await using front = await openFront(routeOf(pool, allowed), ['Authorization', 'Bearer token']);
      const client = openClientWith(front.port, `${exec(method, lines)}\x80\x03early`);
      const text = await client.until((received) => received.endsWith('\x80\x03server'));
      client.socket.write('\x80\x03later', 'latin1');
      const received = await upstream.until((sent) => sent.endsWith('\x80\x03later'));
      assert.equal(text, switched.replace('\r\n\r\n', '\r\nX-Request-Id: reference-1\r\n\r\n') + '\x80\x03server');
      assert.equal(received.split('\r\n', 1)[0], `${method} /api/v1/namespaces/a/pods/b/exec?command=sh HTTP/1.1`);
      const length = method === 'POST' ? [['content-length', '0']] : [];
      assert.deepEqual(
        fieldLines(received).filter(([name]) => !name.startsWith('x-') && name !== 'host'),
        [['connection', 'Upgrade'], ['upgrade', 'SPDY/3.1'], ['authorization', 'Bearer token'], ...length],
      );
      assert.ok(received.endsWith('\r\n\r\n\x80\x03early\x80\x03later'));
      client.socket.destroy();
      await upstream.left();
    });
  }

  const wrong: Readonly<Record<string, string>> = {
    'to a WebSocket': switching(),
    'to nothing': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n',
    'to two protocols': switched.replace('Upgrade: SPDY/3.1', 'Upgrade: SPDY/3.1\r\nUpgrade: h2c'),
    'without saying so in Connection': switched.replace('Connection: Upgrade', 'Connection: keep-alive'),
  };
  for (const [what, answer] of Object.entries(wrong)) {
    it(`tunnels nothing after a switch ${what}`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.end(`${answer}secret`));
      await using pool = poolTo(upstream.url);
      await using front = await openFront(routeOf(pool, allowed));
      const text = await openClientWith(front.port, `${exec('POST')}GET /admin HTTP/1.1\r\n\r\n`).closed;
      assert.match(text, /^HTTP\/1\.1 502 .*\r\n\r\nupstream-(upgrade-invalid|broken)$/s);
      assert.equal(upstream.received.join('').includes('/admin'), false);
    });
  }

  it('passes a refusal on whole', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool, allowed));
    assert.match(await openClientWith(front.port, exec('POST')).closed, /^HTTP\/1\.1 403 .*\r\n\r\nno$/s);
  });

  it('is not what a route for WebSockets allows, nor the other way round', async () => {
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolTo(upstream.url);
    for (const [upgrade, upgrades] of [
      ['spdy/3.1', new Set(['websocket'] as const)],
      ['websocket', new Set(['spdy/3.1'] as const)],
    ] as const) {
      const headers = ['Sec-WebSocket-Key', clientKey, 'Sec-WebSocket-Version', '13'];
      const inbound = inboundOf({ upgrade, headers });
      const exchange = { inbound, socket: neverUsed(), head: Buffer.alloc(0), request: neverUsed(), refuse: neverUsed() };
      const route = routeOf(pool, { upgrades });
      assert.throws(() => forwardUpgrade(permitFor(inbound), route, exchange, vouching(), observer().observe), { code: 'internal' });
    }
    assert.deepEqual(upstream.received, []);
  });
});

function neverUsed(): never {
  return Object.create(null) as never;
}
