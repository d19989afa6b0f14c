import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { CanonicalPath } from '../../src/http/path.ts';
import { forwardUpgrade } from '../../src/upstream/forward-upgrade.ts';
import { inboundOf, vouching } from './example-request.ts';
import type { End } from './forwarding.ts';
import { observer, permitFor, poolTo, routeOf } from './forwarding.ts';
import { fieldLines, openRawUpstream } from './raw-upstream.ts';
import { acceptForClientKey, clientKey, openFront, openRawClient, switching } from './upgrade-front.ts';

describe('forwardUpgrade(): a WebSocket', () => {
  it('carries messages both ways, large ones included, and closes as the two sides agree', async () => {
    await using upstream = await openEcho();
    await using pool = poolTo(new URL(`http://127.0.0.1:${upstream.port}`));
    await using front = await openFront(routeOf(pool, { rewritePath: belowBase }), ['X-Pomerium-Jwt-Assertion', 'genuine']);
    const client = new WebSocket(`ws://127.0.0.1:${front.port}/chat?room=1`, ['v2', 'v1']);
    assert.equal(await next(client), 'open');
    const large = 'x'.repeat(1024 * 1024);
    const echoes: unknown[] = [];
    for (const message of ['hello', large]) {
      client.send(message);
      echoes.push(await next(client));
    }
    client.close(1000, 'bye');
    const closed = await next(client);
    const [end] = await Promise.all(front.ends);
    assert.deepEqual([echoes, client.protocol, closed, end], [['hello', large], 'v2', [1000, 'bye'], opened]);
    assert.deepEqual(
      [upstream.requests[0]?.url, upstream.requests[0]?.headers['x-pomerium-jwt-assertion']],
      ['/base/chat?room=1', 'genuine'],
    );
  });

  it('asks the upstream with the headers of every other request', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool), ['X-Pomerium-Jwt-Assertion', 'genuine']);
    const forged = [
      'X-Pomerium-Claim-Email: admin@example.com',
      'x_pomerium_jwt_assertion: forged',
      'Remote-User: root',
      'Cookie: _pomerium=s; a=1',
    ];
    forged.push('X-Twice: 1', 'x-twice: 2', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'X-Forwarded-Proto: http', 'Content-Length: 0');
    const client = openRawClient(front.port, forged);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    const [text = ''] = upstream.received;
    assert.equal(text.split('\r\n', 1)[0], 'GET /socket?a=1 HTTP/1.1');
    assert.deepEqual(fieldLines(text), [
      ['sec-websocket-version', '13'],
      ['sec-websocket-key', clientKey],
      ['x-twice', '1'],
      ['x-twice', '2'],
      ['cookie', 'a=1'],
      ['host', upstream.url.host],
      ['x-forwarded-for', '192.0.2.7'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-host', 'app.example'],
      ['x-request-id', 'reference-1'],
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['x-pomerium-jwt-assertion', 'genuine'],
    ]);
  });

  it('sends the judged target, not what another parser makes of it', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    const inbound = inboundOf({
      target: "/a%22b|c'd/?",
      headers: ['Sec-WebSocket-Key', clientKey, 'Sec-WebSocket-Version', '13'],
      upgrade: 'websocket',
    });
    const { observe } = observer();
    const socket = new PassThrough();
    forwardUpgrade(
      permitFor(inbound),
      routeOf(pool),
      { inbound, socket, head: Buffer.alloc(0), request: noRequest, refuse: ignore },
      vouching(),
      observe,
    );
    const text = await upstream.until((received) => received.startsWith('GET /a'));
    assert.equal(text.split('\r\n', 1)[0], "GET /a%22b|c'd/? HTTP/1.1");
    socket.destroy();
  });

  it('tells the client what the upstream says, but for what only the proxy says', async () => {
    const lines = [
      'Sec-WebSocket-Protocol: chat',
      'Set-Cookie: _pomerium=evil',
      'Set-Cookie: a=1',
      'X-Pomerium-Claim-Email: x',
      'Alt-Svc: h3=":1"',
    ];
    await using upstream = await openRawUpstream((socket) => socket.write(`${switching(lines)}first`));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool));
    const client = openRawClient(front.port, ['Sec-WebSocket-Protocol: talk, chat'], 'early');
    const text = await client.until((received) => received.endsWith('first'));
    assert.deepEqual(
      text,
      [
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
        `Sec-WebSocket-Accept: ${acceptForClientKey}\r\nSec-WebSocket-Protocol: chat\r\nSet-Cookie: a=1\r\nX-Request-Id: reference-1\r\n\r\nfirst`,
      ].join(''),
    );
    assert.deepEqual(front.cookiesDropped, ['_pomerium']);
    await upstream.until((received) => received.endsWith('\r\n\r\nearly'));
  });
});

describe('forwardUpgrade(): what is refused', () => {
  const wrong: Readonly<Record<string, string>> = {
    'the accept of another key': switching([], 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    'no accept': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'two accepts': switching([`Sec-WebSocket-Accept: ${acceptForClientKey}`]),
    'another protocol': switching().replace('Upgrade: websocket', 'Upgrade: h2c'),
    'a subprotocol nobody offered': switching(['Sec-WebSocket-Protocol: other']),
    'two subprotocols': switching(['Sec-WebSocket-Protocol: chat', 'Sec-WebSocket-Protocol: chat']),
    'an extension nobody offered': switching(['Sec-WebSocket-Extensions: permessage-deflate']),
  };
  for (const [what, answer] of Object.entries(wrong)) {
    it(`a 101 with ${what}: nothing is tunnelled`, async () => {
      await using upstream = await openRawUpstream((socket) => socket.write(`${answer}secret`));
      await using pool = poolTo(upstream.url);
      await using front = await openFront(routeOf(pool));
      const client = openRawClient(front.port, ['Sec-WebSocket-Protocol: chat'], 'GET /admin HTTP/1.1\r\n\r\n');
      const text = await client.closed;
      assert.match(text, /^HTTP\/1\.1 502 .*\r\n\r\nupstream-upgrade-invalid$/s);
      await upstream.left();
      assert.deepEqual([await codeOf(front.ends[0]), upstream.received.join('').includes('/admin')], ['upstream-upgrade-invalid', false]);
    });
  }

  it('any other answer is passed on whole, and what comes after it is nobody’s', async () => {
    const answer =
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: because\r\nConnection: keep-alive\r\nSet-Cookie: _pomerium=evil\r\n\r\nno';
    await using upstream = await openRawUpstream((socket, _head, number) => socket.write(number === 1 ? answer : 'never'));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool, { responseHeaders: [] }));
    const client = openRawClient(front.port, [], 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(
      await client.closed,
      'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\nX-Why: because\r\nX-Request-Id: reference-1\r\n\r\nno',
    );
    assert.deepEqual(await front.ends[0], { kind: 'done', outcome: { upstreamMs: 5, status: 403, failure: undefined } });
    assert.equal(upstream.received.join('').includes('/admin'), false);
  });

  it('a refusal that does not end, or is cut short, is no answer', async () => {
    const flood = `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(300 * 1024)}`;
    for (const [answer, end] of [
      [flood, false],
      ['HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nno', true],
      ['HTTP/1.1 101 Switching Protocols\r\n\r\n', true],
      ['garbage\r\n\r\n', true],
    ] as const) {
      await using upstream = await openRawUpstream((socket) => (end ? socket.end(answer) : socket.write(answer)));
      await using pool = poolTo(upstream.url);
      await using front = await openFront(routeOf(pool));
      assert.match(await openRawClient(front.port).closed, /upstream-broken$/);
    }
  });

  it('a handshake that is none never reaches the upstream', async () => {
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool));
    for (const lines of [
      ['Sec-WebSocket-Key: short'],
      [`Sec-WebSocket-Key: ${clientKey}`, `Sec-WebSocket-Key: ${clientKey}`],
      ['Sec-WebSocket-Version: 8'],
      ['Upgrade: h2c'],
    ])
      assert.match(await openRawClient(front.port, lines).closed, /^HTTP\/1\.1 400 /);
    assert.deepEqual(upstream.received, []);
  });

  it('a permit of another route, and a route that allows none', async () => {
    await using upstream = await openRawUpstream(() => undefined);
    await using pool = poolTo(upstream.url);
    const inbound = inboundOf({ upgrade: 'websocket' });
    const socket = new PassThrough();
    const upgrade = { inbound, socket, head: Buffer.alloc(0), request: noRequest, refuse: ignore };
    const { observe } = observer();
    assert.throws(() => forwardUpgrade(permitFor(inbound, 'other'), routeOf(pool), upgrade, vouching(), observe), { code: 'internal' });
    const none = routeOf(pool, { upgrades: new Set() });
    assert.throws(() => forwardUpgrade(permitFor(inbound), none, upgrade, vouching(), observe), { code: 'internal' });
    assert.deepEqual(upstream.received, []);
  });
});

describe('forwardUpgrade(): one side goes away', () => {
  it('the upstream before its answer, by refusing or by silence', async () => {
    const closed = await openRawUpstream(() => undefined);
    await closed[Symbol.asyncDispose]();
    await using silent = await openRawUpstream(() => undefined);
    for (const [to, code] of [
      [closed.url, 'upstream-unreachable'],
      [silent.url, 'upstream-timeout'],
    ] as const) {
      await using pool = poolTo(to);
      await using front = await openFront(routeOf(pool, { timeoutMs: 30 }));
      assert.match(await openRawClient(front.port).closed, new RegExp(`${code}$`));
    }
    await silent.left();
  });

  it('the client before the answer: the upstream is let go', async () => {
    for (const leave of ['end', 'destroy'] as const) {
      await using upstream = await openRawUpstream(() => client.socket[leave]());
      await using pool = poolTo(upstream.url);
      await using front = await openFront(routeOf(pool));
      const client = openRawClient(front.port);
      await upstream.until((text) => text !== '');
      await upstream.left();
      assert.equal(await codeOf(front.ends[0]), 'client-aborted');
    }
  });

  it('either within the tunnel: the other is let go', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool));
    const leaving = openRawClient(front.port);
    await leaving.until((text) => text.endsWith('\r\n\r\n'));
    leaving.socket.destroy();
    await upstream.left();
    const left = openRawClient(front.port);
    await left.until((text) => text.endsWith('\r\n\r\n'));
    upstream.sockets[1]?.resetAndDestroy();
    await left.closed;
    const half = openRawClient(front.port);
    await half.until((text) => text.endsWith('\r\n\r\n'));
    upstream.sockets[2]?.end('last words');
    assert.match(await half.closed, /last words$/);
    await Promise.all(front.ends);
    await upstream.left();
  });

  it('waits for a client that reads slowly', async () => {
    await using upstream = await openRawUpstream((socket) => socket.write(switching()));
    await using pool = poolTo(upstream.url);
    await using front = await openFront(routeOf(pool));
    const client = openRawClient(front.port);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    client.socket.pause();
    const socket = upstream.sockets[0];
    assert.ok(socket);
    const chunk = Buffer.alloc(256 * 1024, 'x');
    let full = 0;
    // The kernel's buffers fill, then the tunnel's, and then the upstream has to wait.
    while (full < 3) {
      if (socket.write(chunk)) continue;
      const drained = await Promise.race([once(socket, 'drain').then(() => true), quiet(front.sockets[0])]);
      full = drained ? 0 : full + 1;
    }
    const held = front.sockets[0];
    assert.ok(held !== undefined && held.writableLength < 4 * 1024 * 1024, `${held?.writableLength} bytes held`);
    client.socket.destroy();
  });
});

const opened: End = { kind: 'done', outcome: { upstreamMs: 5, status: 101, failure: undefined } };

function ignore(): void {}

const noRequest: IncomingMessage = Object.create(null);

async function codeOf(end: Promise<End> | undefined): Promise<string> {
  const told = await end;
  return told?.kind === 'failed' ? told.failure.code : `done ${told?.outcome.status}`;
}

/** Resolves with false once the proxy's side has held data that the client does not take for a while. */
async function quiet(socket: { readonly writableNeedDrain: boolean } | undefined): Promise<boolean> {
  for (let turns = 0; turns < 50; turns += socket?.writableNeedDrain === true ? 1 : 0)
    await new Promise((resolve) => setImmediate(resolve));
  return false;
}

/** What a client hears next: a message's text, `open`, or the code and reason of a close. */
async function next(client: WebSocket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.addEventListener('open', () => resolve('open'), { once: true });
    client.addEventListener('message', ({ data }) => resolve(data), { once: true });
    client.addEventListener('close', ({ code, reason }) => resolve([code, reason]), { once: true });
    client.addEventListener('error', () => reject(new Error('the WebSocket failed')), { once: true });
  });
}

interface EchoSocket {
  on(event: 'message', heard: (data: Buffer, isBinary: boolean) => void): void;
  send(data: Buffer, options: { readonly binary: boolean }): void;
}

interface EchoServer {
  on(event: 'connection', connected: (socket: EchoSocket, request: IncomingMessage) => void): void;
  once(event: 'listening', listening: () => void): void;
  address(): AddressInfo;
  close(closed: () => void): void;
}

interface Echo extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
}

/** An application written with the `ws` package, which has no types of its own. */
async function openEcho(): Promise<Echo> {
  const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
    readonly WebSocketServer: new (options: {
      readonly port: number;
      readonly host: string;
      readonly perMessageDeflate: boolean;
    }) => EchoServer;
  };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
  const requests: IncomingMessage[] = [];
  server.on('connection', (socket, request) => {
    requests.push(request);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    port: server.address().port,
    requests,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  };
}

function belowBase(path: CanonicalPath): CanonicalPath {
  return `/base${path}` as CanonicalPath;
}
