const usualMs = 4_000;
const longestMs = 600_000;
/** What is on its way when the upstream closes its end may take so long. */
const marginMs = 2_000;
const timeout = /timeout=(\d{1,9})/i;

/**
 * For how many milliseconds a connection may be used again by the `Keep-Alive` of its last answer, empty for none: for less than the
 * upstream keeps it. 0 or less: not at all.
 */
export function restingMs(keepAlive: string): number {
  const [, seconds] = timeout.exec(keepAlive) ?? [];
  return seconds === undefined ? usualMs : Math.min(Number(seconds) * 1_000 - marginMs, longestMs);
}
