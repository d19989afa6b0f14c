import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FloodHouse } from './http2-flood.ts';
import { assertHarmless, flood, headerSection, number, openFloodHouse, request, streamId } from './http2-flood.ts';
import { frame, literal } from './raw-http2.ts';

type Vector = readonly [what: string, spoils: (stream: number) => Buffer];

const tooLong = (stream: number): Buffer =>
  frame(1, 0x5, stream, Buffer.concat([headerSection('/reset', 'POST'), literal('content-length', '5')]));

// oxfmt-ignore
const vectors: readonly Vector[] = [
  ['a window that does not grow',            (stream) => Buffer.concat([request(stream, '/reset'), frame(8, 0, stream, number(0))])],
  ['a window that grows too large',          (stream) => Buffer.concat([request(stream, '/reset'), frame(8, 0, stream, number(0x7fffffff))])],
  ['DATA after the end of the request',      (stream) => Buffer.concat([request(stream, '/reset'), frame(0, 0, stream, Buffer.of(1))])],
  ['fields after the end of the request',    (stream) => Buffer.concat([request(stream, '/reset'), request(stream, '/reset')])],
  ['a stream that depends on itself',        (stream) => Buffer.concat([request(stream, '/reset'), frame(2, 0, stream, Buffer.concat([number(stream), Buffer.of(1)]))])],
  ['a PRIORITY of the wrong length',         (stream) => Buffer.concat([request(stream, '/reset'), frame(2, 0, stream, Buffer.of(1))])],
  ['less body than was announced',           tooLong],
  ['a field name in upper case',             (stream) => frame(1, 0x5, stream, Buffer.concat([headerSection('/reset'), literal('X-Upper', 'a')]))],
  ['a field of HTTP/1.1',                    (stream) => frame(1, 0x5, stream, Buffer.concat([headerSection('/reset'), literal('connection', 'close')]))],
  ['no path',                                (stream) => frame(1, 0x5, stream, literal(':method', 'GET'))],
];

/** CVE-2025-8671: the server resets the streams itself, because of a frame that spoils them, and no limit of the client's resets counts it. */
describe('a client that has each request reset by us, through', () => {
  let street: FloodHouse;

  before(async () => {
    street = await openFloodHouse();
  });

  after(() => street[Symbol.asyncDispose]());

  for (const [what, spoiled] of vectors) {
    it(`${what}, is cut off after a bounded number of them`, { timeout: 20_000 }, async () => {
      street.upstream.clear();
      const flooded = await flood(street.house, Buffer.alloc(0), (turn) =>
        Buffer.concat(Array.from({ length: 100 }, (_, index) => spoiled(streamId(turn * 100 + index)))),
      );
      assertHarmless(flooded, { bytes: 8 * 1024 * 1024 });
      const forwarded = street.upstream.bytes().split('/reset').length - 1;
      assert.ok(forwarded <= 3_000, `${forwarded} requests reached the upstream`);
    });
  }
});
