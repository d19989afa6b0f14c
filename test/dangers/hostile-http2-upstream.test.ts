import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { assertOwnAnswers } from './own-answers.ts';
import { connectRaw, requestText } from './raw-client.ts';
import type { Fields } from './raw-http2.ts';
import { frame, literal } from './raw-http2.ts';

const [DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, CONTINUATION] = [0, 1, 3, 4, 5, 6, 7, 9];
const [END_STREAM, END_HEADERS] = [1, 4];
const noBytes = Buffer.alloc(0);

function head(stream: number, fields: Fields, flags = END_HEADERS): Buffer {
  return frame(HEADERS, flags, stream, Buffer.concat(fields.map(([name, value]) => literal(name, value))));
}

const ok = (stream: number, ...more: Fields): Buffer => head(stream, [[':status', '200'], ...more]);
const data = (stream: number, text: string, flags = END_STREAM): Buffer => frame(DATA, flags, stream, Buffer.from(text, 'latin1'));
const evil = (stream: number): Buffer => Buffer.concat([ok(stream, ['set-cookie', '_pomerium=x']), data(stream, 'others')]);
const nothing = (): Buffer => noBytes;
const many = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));

/** The counterpart of `response-smuggling` where the upstream is spoken to in frames. */
describe('an upstream that answers in frames other than it should', () => {
  let house: House;
  let server: Server;
  let answer: (stream: number) => Buffer = nothing;
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => socket.destroy()));
      socket.write(frame(SETTINGS, 0, 0, noBytes));
      let pending = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        if (pending.subarray(0, 4).toString() === 'PRI ') pending = pending.subarray(24);
        while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
          const [type, stream, payload] = [pending[3], pending.readUInt32BE(5), pending.subarray(9, 9 + pending.readUIntBE(0, 3))];
          pending = pending.subarray(9 + payload.length);
          // The path is a literal in Huffman code; only the method tells the two kinds of requests apart: GET is in the static table.
          if (type === HEADERS) socket.write(payload[0] === 0x82 ? Buffer.concat([ok(stream), data(stream, 'own')]) : answer(stream));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const route = `{from: https://public.postern.test, to: "h2c://127.0.0.1:${port}", allow_public_unauthenticated_access: true, timeout: 1s}`;
    house = await openHouse({ config: `routes: [${route}]` });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  // The status, or undefined where the connection may end before the answer is whole, or 'cut' where it ends before the announced length.
  const vectors: readonly (readonly [
    what: string,
    answer: (stream: number) => Buffer,
    statuses: readonly (number | 'cut' | undefined)[],
  ])[] = [
    ['the answer to a request that nobody made', (stream) => evil(stream + 2), [502]],
    ['a pushed answer', (stream) => Buffer.concat([pushPromise(stream), evil(2), ok(stream), data(stream, 'ok')]), [200, 502]],
    ['a second answer', (stream) => Buffer.concat([ok(stream), data(stream, 'ok'), evil(stream)]), [200, 502, undefined]],
    ['a body before its head', (stream) => Buffer.concat([data(stream, 'ok', 0), evil(stream)]), [502]],
    ['a body behind its end', (stream) => Buffer.concat([ok(stream), data(stream, 'ok'), data(stream, 'others')]), [200, 502, undefined]],
    [
      'more than its length',
      (stream) => Buffer.concat([ok(stream, ['content-length', '2']), data(stream, 'okothers')]),
      ['cut', 502, undefined],
    ],
    ['less than its length', (stream) => Buffer.concat([ok(stream, ['content-length', '9']), data(stream, 'ok')]), ['cut', 502, undefined]],
    ['two lengths', (stream) => Buffer.concat([ok(stream, ['content-length', '2'], ['content-length', '9']), data(stream, 'ok')]), [502]],
    ['a length that is none', (stream) => Buffer.concat([ok(stream, ['content-length', '+2']), data(stream, 'ok')]), [502]],
    ['a coding of HTTP/1.1', (stream) => Buffer.concat([ok(stream, ['transfer-encoding', 'chunked']), data(stream, '2\r\nok\r\n')]), [502]],
    ['a field of HTTP/1.1', (stream) => Buffer.concat([ok(stream, ['connection', 'close']), data(stream, 'ok')]), [502]],
    ['a name in upper case', (stream) => Buffer.concat([ok(stream, ['X-A', 'b']), data(stream, 'ok')]), [502]],
    [
      'a line break in a value',
      (stream) => Buffer.concat([ok(stream, ['x-a', 'b\r\nSet-Cookie: _pomerium=x']), data(stream, 'ok')]),
      [200, 502],
    ],
    [
      'a line break in a name',
      (stream) => Buffer.concat([ok(stream, ['x-a: b\r\nset-cookie', '_pomerium=x']), data(stream, 'ok')]),
      [200, 502],
    ],
    ['NUL in a value', (stream) => Buffer.concat([ok(stream, ['x-a', 'b\0c']), data(stream, 'ok')]), [200, 502]],
    ['no status', (stream) => Buffer.concat([head(stream, [['x-a', 'b']]), data(stream, 'ok')]), [502]],
    ['two statuses', (stream) => Buffer.concat([ok(stream, [':status', '204']), data(stream, 'ok')]), [502]],
    ['a pseudo field of requests', (stream) => Buffer.concat([ok(stream, [':path', '/']), data(stream, 'ok')]), [502]],
    ['101', (stream) => Buffer.concat([head(stream, [[':status', '101']]), data(stream, 'others')]), [502]],
    ['a status of 999', (stream) => Buffer.concat([head(stream, [[':status', '999']]), data(stream, 'ok')]), [502]],
    ['a hint that ends the stream', (stream) => head(stream, [[':status', '103']], END_HEADERS | END_STREAM), [502]],
    ['a flood of hints', (stream) => Buffer.concat([many(500, head(stream, [[':status', '103']])), evil(stream)]), [502]],
    ['an endless head', (stream) => Buffer.concat([ok(stream, ['x-a', 'b']).fill(0, 4, 5), many(200, filler(stream))]), [502]],
    [
      'a head of many fields',
      (stream) => Buffer.concat([ok(stream, ...Array.from({ length: 1500 }, () => ['a', ''] as const)), data(stream, 'ok')]),
      [502],
    ],
    [
      'endless trailers',
      (stream) => Buffer.concat([ok(stream), frame(HEADERS, END_STREAM, stream, noBytes), many(200, filler(stream))]),
      [502, undefined],
    ],
    [
      'trailers with a status',
      (stream) => Buffer.concat([ok(stream), head(stream, [[':status', '200']], END_HEADERS | END_STREAM)]),
      [502, undefined],
    ],
    ['trailers in the middle', (stream) => Buffer.concat([ok(stream), head(stream, [['x-a', 'b']]), data(stream, 'ok')]), [502, undefined]],
    ['a reset', (stream) => frame(RST_STREAM, 0, stream, Buffer.of(0, 0, 0, 2)), [502]],
    [
      'a reset without an error, half way',
      (stream) => Buffer.concat([ok(stream), data(stream, 'ok', 0), frame(RST_STREAM, 0, stream, Buffer.alloc(4))]),
      [502, undefined],
    ],
    ['goodbye by a fault', () => frame(GOAWAY, 0, 0, Buffer.of(0, 0, 0, 0, 0, 0, 0, 2)), [502]],
    ['goodbye, again and again', () => many(50, frame(GOAWAY, 0, 0, Buffer.of(0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0))), [502, 504]],
    [
      'a flood of SETTINGS',
      (stream) => Buffer.concat([many(5000, frame(SETTINGS, 0, 0, Buffer.of(0, 4, 0, 0, 0xff, 0xff))), evil(stream)]),
      [200, 502],
    ],
    ['a flood of PING', (stream) => Buffer.concat([many(100_000, frame(PING, 0, 0, Buffer.alloc(8))), evil(stream)]), [200, 502]],
    ['a flood of empty DATA', (stream) => Buffer.concat([ok(stream), many(50_000, data(stream, '', 0))]), [502, 504, undefined]],
    [
      'a window that overflows',
      (stream) => Buffer.concat([many(3, frame(8, 0, stream, Buffer.of(0x7f, 0xff, 0xff, 0xff))), evil(stream)]),
      [502],
    ],
    [
      'no streams allowed',
      (stream) => Buffer.concat([frame(SETTINGS, 0, 0, Buffer.of(0, 3, 0, 0, 0, 0)), ok(stream), data(stream, 'ok')]),
      [200],
    ],
    ['a frame that is too large', (stream) => frame(DATA, 0, stream, Buffer.alloc(20_000)), [502]],
    ['HTTP/1.1', () => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers'), [502]],
    [
      'a header block that can not be unpacked',
      (stream) => frame(HEADERS, END_HEADERS, stream, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
      [502],
    ],
  ];

  for (const [what, bytes, statuses] of vectors) {
    it(`is contained: ${what}`, async () => {
      answer = bytes;
      using connection = await connectRaw(house);
      connection.write(requestText(['POST /page HTTP/1.1', 'Host: public.postern.test', 'Content-Length: 0', 'Connection: close']));
      const got = await connection.answer();
      const isCut = got?.status === 200 && /^content-length: [1-9]/im.test(got.head) && got.body === '';
      assert.ok(statuses.includes(isCut ? 'cut' : got?.status), `${got?.status}`);
      const rest = await connection.rest();
      if (got !== undefined) assert.equal(rest, '', 'nothing after the answer');
      const shown = `${got?.head}${got?.body}${rest}`.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
      assert.doesNotMatch(shown, /_pomerium|999|HTTP\/1.1[^]*HTTP\/1.1/);
      if (got?.status !== 200) assert.doesNotMatch(shown, /others/);
      await assertOwnAnswers(house);
    });
  }
});

function pushPromise(stream: number): Buffer {
  const fields = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'x'],
    [':path', '/own'],
  ] as const;
  return frame(
    PUSH_PROMISE,
    END_HEADERS,
    stream,
    Buffer.concat([Buffer.of(0, 0, 0, 2), ...fields.map(([name, value]) => literal(name, value))]),
  );
}

function filler(stream: number): Buffer {
  return frame(CONTINUATION, 0, stream, literal('x-a', 'b'.repeat(4000)));
}
