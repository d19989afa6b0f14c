import assert from 'node:assert/strict';
import type { ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Http2Upstream } from '../upstream/http2-upstream.ts';
import { openHttp2Upstream } from '../upstream/http2-upstream.ts';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import { frame } from './raw-http2.ts';

const [DATA, HEADERS, SETTINGS] = [0, 1, 4];
const END_STREAM = 1;
const noBytes = Buffer.alloc(0);
/** 204, from the static table, as the whole answer. */
const empty = (stream: number): Buffer => frame(HEADERS, 0x5, stream, Buffer.of(0x89));

/** Over HTTP/2 many clients share one connection to the upstream: what one of them does there must not be felt by the others. */
describe('a client that shares the connection to an upstream with others', () => {
  let house: House;
  let upstream: Http2Upstream;
  /** Gives no window but the first one, of 64 KiB for the whole connection. */
  let unreading: Server;
  const held: ServerHttp2Stream[] = [];
  const sockets = new Set<Socket>();

  before(async () => {
    upstream = await openHttp2Upstream(
      (stream, headers) => {
        if (headers[':path'] === '/held') held.push(stream);
        else if (headers[':path'] === '/endless') {
          stream.respond({ ':status': 200 });
          stream.on('drain', () => fill(stream));
          fill(stream);
        } else if (headers[':path'] !== '/silent') {
          stream.respond({ ':status': 200 });
          stream.end('a'.repeat(300_000));
        }
      },
      // Like servers that end a connection with more than 200 resets in 30 seconds.
      { streamResetBurst: 200, streamResetRate: 1 },
    );
    unreading = createServer((socket) => {
      sockets.add(socket.on('error', () => socket.destroy()));
      socket.write(frame(SETTINGS, 0, 0, noBytes));
      let pending = noBytes;
      socket.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        if (pending.subarray(0, 4).toString() === 'PRI ') pending = pending.subarray(24);
        while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
          const [type = 0, flags = 0, stream] = [pending[3], pending[4], pending.readUInt32BE(5)];
          pending = pending.subarray(9 + pending.readUIntBE(0, 3));
          if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) socket.write(empty(stream));
        }
      });
    });
    await new Promise<void>((resolve) => unreading.listen(0, '127.0.0.1', resolve));
    const address = unreading.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const open = 'allow_public_unauthenticated_access: true, timeout: 5s';
    house = await openHouse({
      config: `
routes:
  - {from: https://app.postern.test, to: '${upstream.url.href}', ${open}}
  - {from: https://unreading.postern.test, to: 'h2c://127.0.0.1:${port}', ${open}}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => unreading.close(resolve));
  });

  it('may give up as many requests as it likes: the upstream does not end the connection for it', async () => {
    await using victim = await openHttp2(house, 'app.postern.test');
    await using attacker = await openHttp2(house, 'app.postern.test');
    const answer = victim.ask({ path: '/held' });
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let round = 0; round < 12; round += 1) {
      const asked = upstream.seen.length + 50;
      const streams = Array.from({ length: 50 }, () => cancellable(attacker.session.request({ ':path': '/silent' })));
      while (upstream.seen.length < asked) await new Promise((resolve) => setImmediate(resolve));
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    }
    // Over whatever connection it goes, and behind all that was cancelled.
    assert.equal((await attacker.ask()).status, 200);
    for (const stream of held) stream.respond({ ':status': 204 }, { endStream: true });
    assert.equal((await answer).status, 204);
    const resets = upstream.seen.length - 2;
    assert.ok(upstream.sessions.length >= resets / 200 && upstream.sessions.length < 12, `${upstream.sessions.length} connections`);
  });

  it('may send what the upstream does not read: what others send does not wait behind it', async () => {
    await using attacker = await openHttp2(house, 'unreading.postern.test');
    await using victim = await openHttp2(house, 'unreading.postern.test');
    assert.equal((await victim.ask({ method: 'POST', body: 'small' })).status, 204);
    const upload = cancellable(attacker.session.request({ ':method': 'POST', ':path': '/' }));
    upload.write(Buffer.alloc(50_000));
    while ([...sockets].every(({ bytesRead }) => bytesRead < 50_000)) await new Promise((resolve) => setImmediate(resolve));
    for (const method of ['POST', 'GET', 'PUT'])
      assert.equal((await victim.ask({ method, ...(method === 'GET' ? {} : { body: 'a'.repeat(20_000) }) })).status, 204, method);
    assert.equal(sockets.size, 2);
    upload.close(constants.NGHTTP2_CANCEL);
  });

  it('may leave unread what it asked for: what others ask for does not wait behind it', async () => {
    await using attacker = await openHttp2(house, 'app.postern.test');
    await using victim = await openHttp2(house, 'app.postern.test');
    const streams = Array.from({ length: 20 }, () => cancellable(attacker.session.request({ ':path': '/endless' })));
    await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('response', resolve))));
    for (let round = 0; round < 5; round += 1) assert.equal((await victim.ask()).body.length, 300_000);
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
  });
});

function fill(stream: ServerHttp2Stream): void {
  while (!stream.destroyed && stream.write(Buffer.alloc(16 * 1024)));
}

function cancellable(stream: ClientHttp2Stream): ClientHttp2Stream {
  return stream.on('error', () => undefined);
}
