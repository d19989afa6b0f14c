import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FloodHouse } from './http2-flood.ts';
import { assertHarmless, flood, number, openFloodHouse, request, streamId, untilLogged } from './http2-flood.ts';
import { frame } from './raw-http2.ts';

/** CVE-2023-44487: a stream that is reset at once counts against no limit of streams that are open, and cost its sender nothing. */
describe('a client that resets each request at once', () => {
  let street: FloodHouse;

  before(async () => {
    street = await openFloodHouse();
  });

  after(() => street[Symbol.asyncDispose]());

  for (const [code, name] of [
    [8, 'CANCEL'],
    [0, 'NO_ERROR'],
  ] as const) {
    it(`with ${name} is cut off after a bounded number of them`, { timeout: 20_000 }, async () => {
      street.upstream.clear();
      const flooded = await flood(street.house, Buffer.alloc(0), (turn) =>
        Buffer.concat(
          Array.from({ length: 100 }, (_, index) => {
            const stream = streamId(turn * 100 + index);
            return Buffer.concat([request(stream, '/reset'), frame(3, 0, stream, number(code))]);
          }),
        ),
      );
      assertHarmless(flooded, { bytes: 8 * 1024 * 1024 });
      const forwarded = street.upstream.bytes().split('/reset').length - 1;
      assert.ok(forwarded <= 3_000, `${forwarded} requests reached the upstream`);
      await untilLogged(street.house, 'http2-error');
    });
  }
});
