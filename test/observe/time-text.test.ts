import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTimeText } from '../../src/observe/time-text.ts';

describe('createTimeText()', () => {
  it('writes what toISOString writes, whatever was asked before', () => {
    const write = createTimeText((iso) => iso);
    const now = Date.UTC(2026, 10, 22, 23, 59, 59, 998);
    const times = [now, now, now + 1, now + 2, now + 3, now, now + 0.9, now - 86_400_000, 0, 7, 999, 1000, -1, -1000, -1001, 8.64e15, -8.64e15, 253402300800000, now]; // prettier-ignore
    assert.deepEqual(
      times.map((at) => write(at)),
      times.map((at) => new Date(at).toISOString()),
    );
  });

  it('makes what is wanted of each text', () => {
    assert.equal(createTimeText((iso) => `"${iso}"`)(0), '"1970-01-01T00:00:00.000Z"');
  });

  it('throws on what is no time, every time', () => {
    const write = createTimeText((iso) => iso);
    for (const at of [Number.NaN, Number.NaN, 9e15, Number.POSITIVE_INFINITY]) assert.throws(() => write(at), RangeError);
    assert.equal(write(1), '1970-01-01T00:00:00.001Z');
  });
});
