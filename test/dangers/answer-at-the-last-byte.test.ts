import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { inboundOf } from '../upstream/example-request.ts';
import { failureCode, forward, poolTo, routeOf } from '../upstream/forwarding.ts';
import { frame } from './raw-http2.ts';

const [DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY] = [0, 1, 3, 4, 6, 7];
const [END_STREAM, END_HEADERS] = [1, 4];
const ok = Buffer.of(0x88);
const status999 = Buffer.concat([Buffer.of(0x08, 3), Buffer.from('999')]);

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * A stream of Node's that is cancelled while its connection reads, with the end of its body still to be written, ends the process by an
 * assertion in `Http2Stream::OnTrailers`. An upstream that answers in the same turn of the event loop in which the body ends would do that.
 */
describe('an upstream over HTTP/2 that answers in the moment in which the last byte is sent', () => {
  let upstream: Server;
  let signals: Server;
  let stream = 0;
  const sockets: Socket[] = [];
  let signal: Socket;
  let signalled: Socket;

  before(async () => {
    upstream = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
      let pending = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        if (pending.subarray(0, 4).toString() === 'PRI ') pending = pending.subarray(24);
        for (; pending.length >= 9; pending = pending.subarray(9 + pending.readUIntBE(0, 3))) {
          if (pending[3] === HEADERS) stream = pending.readUInt32BE(5);
          if (pending[3] === DATA) upstream.emit('body');
        }
      });
    });
    const { promise, resolve } = Promise.withResolvers<Socket>();
    signals = createServer(resolve);
    for (const server of [upstream, signals]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    signalled = connect((signals.address() as AddressInfo).port, '127.0.0.1');
    signal = await promise;
  });

  after(() => {
    for (const socket of [...sockets, signal, signalled]) socket.destroy();
    for (const server of [upstream, signals]) server.close();
  });

  const answers: Readonly<Record<string, () => Buffer>> = {
    'with all of it': () => frame(HEADERS, END_HEADERS | END_STREAM, stream, ok),
    'with a body': () => Buffer.concat([frame(HEADERS, END_HEADERS, stream, ok), frame(DATA, END_STREAM, stream, Buffer.from('x'))]),
    'in a way that is refused': () => frame(HEADERS, END_HEADERS, stream, status999),
    'by a reset': () => frame(RST_STREAM, 0, stream, number(8)),
    'by goodbye': () => frame(GOAWAY, 0, 0, Buffer.concat([number(stream), number(8)])),
    'by a flood': () => Buffer.concat(Array.from({ length: 20_002 }, () => frame(PING, 0, 0, Buffer.alloc(8)))),
    'in another language': () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n'.repeat(10)),
  };
  for (const [what, answer] of Object.entries(answers)) {
    it(`ends no more than its exchange, when it answers ${what}`, async () => {
      await using pool = poolTo(new URL(`h2c://127.0.0.1:${(upstream.address() as AddressInfo).port}`));
      for (let round = 0; round < 3; round += 1) {
        const body = new PassThrough();
        body.write('0123456789');
        const arrived = once(upstream, 'body');
        const run = forward(routeOf(pool), inboundOf({ method: 'POST' }), {
          body: { stream: body, length: undefined, trailers: () => [] },
        });
        await arrived;
        // Everything about what was sent is over and done with; then both are there when Postern looks next, the end of the body first.
        await new Promise((resolve) => setTimeout(resolve, 20));
        signalled.once('data', () => body.end());
        signal.write('x');
        sockets.at(-1)?.write(answer());
        assert.match(await failureCode(run), /^(?:done 200 whole|upstream-broken)$/);
      }
    });
  }
});
