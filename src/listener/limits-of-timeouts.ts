import type { ListenerTimeouts } from '../config/settings.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { defaultLimits } from './listener-limits.ts';

/**
 * What the three timeouts of a configuration say about limits. Heads and the silence within bodies stay bounded where `timeout_read` is
 * none: an unbounded wait is an attack, not a setting.
 */
export function limitsOfTimeouts({ readMs, writeMs, idleMs }: ListenerTimeouts): Partial<ListenerLimits> {
  return {
    headMs: readMs === 0 ? defaultLimits.headMs : Math.min(readMs, defaultLimits.headMs),
    bodyIdleMs: readMs === 0 ? defaultLimits.bodyIdleMs : Math.min(readMs, longestTimerMs),
    writeMs: Math.min(writeMs, longestTimerMs),
    keepAliveMs: Math.min(idleMs, longestIdleMs),
  };
}

// 24 days: a timer that is set to more goes off at once.
const longestTimerMs = 2 ** 31 - 1;
/** HTTP/1.1 adds the time of a head to it, and Node a second. */
const longestIdleMs = longestTimerMs - 60_000;
