const youngMs = 10_000;
const longestPauseMs = 30_000;

/**
 * How long to wait before a worker that has ended is replaced: not at all, unless it died young, and then longer each time. Whatever ends each at
 * once, a machine without memory for one, must not keep the others from their work.
 */
export function restartPauseMs(quickEnds: number, livedMs: number): { readonly quickEnds: number; readonly pauseMs: number } {
  if (livedMs >= youngMs) return { quickEnds: 0, pauseMs: 0 };
  return { quickEnds: quickEnds + 1, pauseMs: Math.min(longestPauseMs, 1_000 * 2 ** quickEnds) };
}
