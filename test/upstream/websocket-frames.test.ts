import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, assert as assertProperty, boolean, constantFrom, integer, property, tuple } from 'fast-check';
import { closeFrame, WebSocketFrames } from '../../src/upstream/websocket-frames.ts';

/** One frame of a server, or of a client where it is masked. */
function frame(length: number, masked = false): Buffer {
  const mask = masked ? 0x80 : 0;
  const head = Buffer.from([0x82, mask | (length < 126 ? length : length < 65_536 ? 126 : 127)]);
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  return Buffer.concat([head, extended, Buffer.alloc(masked ? 4 : 0, 7), Buffer.alloc(length, 0x88)]);
}

describe('class WebSocketFrames', () => {
  it('knows where frames end, however they are cut into chunks', () => {
    const lengths = array(tuple(constantFrom(0, 1, 125, 126, 300, 65_535, 65_536, 70_000), boolean()), {
      minLength: 1,
      maxLength: 4,
    });
    assertProperty(
      property(lengths, array(integer({ min: 1, max: 40_000 }), { maxLength: 8 }), (frames, cuts) => {
        const parts = frames.map(([length, masked]) => frame(length, masked));
        const whole = Buffer.concat(parts);
        const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length);
        const reader = new WebSocketFrames();
        let from = 0;
        for (const size of [...cuts, whole.length]) {
          const chunk = whole.subarray(from, from + size);
          if (chunk.length === 0) break;
          const end = ends.find((offset) => offset > from && offset <= from + chunk.length);
          assert.equal(reader.take(chunk), end === undefined ? undefined : end - from);
          from += chunk.length;
          assert.equal(reader.atBoundary, ends.includes(from));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is at a boundary before the first byte', () => {
    assert.equal(new WebSocketFrames().atBoundary, true);
  });
});

describe('closeFrame()', () => {
  it('is final, unmasked, and carries its code', () => {
    assert.deepEqual(closeFrame(1008), Buffer.from([0x88, 0x02, 0x03, 0xf0]));
  });
});
