import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RevokedSerials } from '../../src/certificate/serial-table.ts';
import { longestSerial, packSerials } from '../../src/certificate/serial-table.ts';

describe('packSerials()', () => {
  it('holds what it was given, each number once, and nothing else', () => {
    const serials = ['\u0001', '\u0000\u0080', '\u0001', 'ab', 'abc', 'abc', '\u00ff', '\u0001'];
    const table = tableOf(serials);
    deepEqual([...table].toSorted(), [...new Set(serials)].toSorted());
    equal(table.size, 5);
    deepEqual(
      ['\u0001', '\u0000\u0080', 'ab', 'abc', '\u00ff', '', 'a', 'abcd', '\u0080', '\u0000\u0001', 'b'].map((key) => table.has(key)),
      [true, true, true, true, true, false, false, false, false, false, false],
    );
  });

  it('is empty when there are none', () => {
    const table = tableOf([]);
    deepEqual([table.size, [...table], table.has('\u0001'), table.has('')], [0, [], false, false]);
  });

  it('takes the longest number, and knows of none that is longer', () => {
    const longest = 'x'.repeat(longestSerial);
    const table = tableOf([longest, longest.slice(1)]);
    deepEqual(
      [longest, longest.slice(1), longest.slice(2), `${longest}x`, 'x'.repeat(256 + longestSerial)].map((key) => table.has(key)),
      [true, true, false, false, false],
    );
  });

  it('lets go of the bytes it was made from', () => {
    const { bytes, places } = written(['one', 'two']);
    const table = packSerials(bytes, places);
    bytes.fill(0);
    places.fill(0);
    deepEqual([...table].toSorted(), ['one', 'two']);
  });

  it('keeps numbers apart that were counted up, and that differ in length alone', () => {
    const counted = Array.from({ length: 70_000 }, (_, index) => Buffer.of(0x11, index >> 16, index >> 8, index).toString('latin1'));
    const zeros = Array.from({ length: longestSerial }, (_, index) => '\u0000'.repeat(index + 1));
    const table = tableOf([...counted, ...zeros, ...counted]);
    equal(table.size, counted.length + zeros.length);
    equal(
      [...counted, ...zeros].every((key) => table.has(key)),
      true,
    );
    equal(table.has(Buffer.of(0x12, 0, 0, 1).toString('latin1')), false);
  });
});

function tableOf(serials: readonly string[]): RevokedSerials {
  const { bytes, places } = written(serials);
  return packSerials(bytes, places);
}

function written(serials: readonly string[]): { readonly bytes: Buffer; readonly places: Uint32Array } {
  const places: number[] = [];
  let end = 1;
  for (const serial of serials) {
    places.push(end);
    end += 1 + serial.length;
  }
  const bytes = Buffer.from(`\u0002${serials.map((serial) => String.fromCharCode(serial.length) + serial).join('')}`, 'latin1');
  return { bytes, places: Uint32Array.from(places) };
}
