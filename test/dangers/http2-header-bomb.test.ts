import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FloodHouse } from './http2-flood.ts';
import { assertHarmless, flood, headerSection, openFloodHouse, streamId, untilLogged } from './http2-flood.ts';
import { frame, literal } from './raw-http2.ts';

const timely = { timeout: 30_000 };

/** Into the table of both sides, and a reference to it: one byte for four thousand (RFC 7541 section 7.3, CVE-2016-6581). */
const stored = Buffer.concat([Buffer.of(0x40), literal('x', 'a'.repeat(3_900)).subarray(1)]);
const reference = 0x80 | 62;

/** A few bytes of header section that become many, or never end. */
describe('a header section', () => {
  let street: FloodHouse;

  before(async () => {
    street = await openFloodHouse();
  });

  after(() => street[Symbol.asyncDispose]());

  it('that unpacks to hundreds of megabytes is refused, and its connection ended', timely, async () => {
    const opening = frame(1, 0x5, 1, Buffer.concat([headerSection('/'), stored]));
    const bomb = Buffer.alloc(16_000, reference);
    const flooded = await flood(street.house, opening, (turn) => {
      const stream = streamId(turn + 1);
      const more = Array.from({ length: 7 }, (_, index) => frame(9, index === 6 ? 0x4 : 0, stream, bomb));
      return Buffer.concat([frame(1, 0x1, stream, Buffer.concat([headerSection('/bomb'), bomb.subarray(0, 15_000)])), ...more]);
    });
    assertHarmless(flooded, { bytes: 64 * 1024 * 1024 });
    assert.doesNotMatch(street.upstream.bytes(), /bomb/);
    await untilLogged(street.house, 'http2-flood');
  });

  it('that goes on in CONTINUATION frames without end is cut off (CVE-2024-27316)', timely, async () => {
    const opening = frame(1, 0, 1, headerSection('/endless'));
    const flooded = await flood(street.house, opening, (turn) => frame(9, 0, 1, literal(`x-${turn}`, 'y')));
    assertHarmless(flooded, { bytes: 1024 * 1024 });
    assert.doesNotMatch(street.upstream.bytes(), /endless/);
    await untilLogged(street.house, 'http2-error');
  });

  it('that goes on in empty CONTINUATION frames is cut off', timely, async () => {
    const opening = frame(1, 0, 1, headerSection('/endless'));
    const flooded = await flood(street.house, opening, () => frame(9, 0, 1, Buffer.alloc(0)));
    assertHarmless(flooded, { bytes: 1024 * 1024 });
    assert.doesNotMatch(street.upstream.bytes(), /endless/);
  });
});
