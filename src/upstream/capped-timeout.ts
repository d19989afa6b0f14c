// 24 days: a timer that is set to more goes off at once.
const longestMs = 2 ** 31 - 1;

/** Milliseconds as a timer can be set to them: the most generous timeout must not become the shortest. */
export function cappedTimeout(milliseconds: number): number {
  return Math.min(milliseconds, longestMs);
}
