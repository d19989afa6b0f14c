import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultLimits } from '../../src/listener/listener-limits.ts';
import { limitsOfTimeouts } from '../../src/listener/limits-of-timeouts.ts';

describe('limitsOfTimeouts()', () => {
  it('bounds heads and bodies by the read timeout, requests by the write timeout and silence by the idle timeout', () => {
    assert.deepEqual(limitsOfTimeouts({ readMs: 5_000, writeMs: 60_000, idleMs: 300_000 }), {
      headMs: 5_000,
      bodyIdleMs: 5_000,
      writeMs: 60_000,
      keepAliveMs: 300_000,
    });
  });

  it('gives no head more than 15 seconds, and keeps its own limits where there is no read timeout', () => {
    const { headMs, bodyIdleMs } = defaultLimits;
    assert.deepEqual(limitsOfTimeouts({ readMs: 30_000, writeMs: 0, idleMs: 0 }), {
      headMs: 15_000,
      bodyIdleMs: 30_000,
      writeMs: 0,
      keepAliveMs: 0,
    });
    assert.deepEqual(limitsOfTimeouts({ readMs: 0, writeMs: 0, idleMs: 1 }), { headMs, bodyIdleMs, writeMs: 0, keepAliveMs: 1 });
  });

  it('never makes a timer that goes off at once out of one that is far away', () => {
    const far = Number.MAX_SAFE_INTEGER;
    const { headMs = 0, ...others } = limitsOfTimeouts({ readMs: far, writeMs: far, idleMs: far });
    assert.deepEqual(
      Object.values(others).filter((ms) => ms + headMs + 1_000 > 2 ** 31 + 20_000 || ms > 2 ** 31 - 1),
      [],
    );
  });
});
