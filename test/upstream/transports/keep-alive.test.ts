import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restingMs } from '../../../src/upstream/transports/keep-alive.ts';

describe('restingMs()', () => {
  it('is two seconds less than the upstream says, four where it says nothing, and ten minutes at most', () => {
    assert.deepEqual(
      ['timeout=5', 'max=9, Timeout=30', 'timeout=2', 'timeout=0', '', 'max=100', 'timeout=999999999', 'timeout=x'].map(restingMs),
      [3_000, 28_000, 0, -2_000, 4_000, 4_000, 600_000, 4_000],
    );
  });
});
