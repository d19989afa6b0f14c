const nanosecondsOf: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };
const whole = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const longestMs = (2 ** 63 - 1) / 1e6;

/**
 * Milliseconds of a duration in Go's notation, `1h30m` or `0`; undefined when it is malformed, negative or longer than Go
 * can hold. Whatever is not zero is at least one millisecond, because zero means "none" to most settings.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!whole.test(text)) return undefined;
  let nanoseconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(part)) nanoseconds += Number(amount) * (nanosecondsOf[unit] ?? Number.NaN);
  const ms = Math.round(nanoseconds / 1e6);
  if (ms > longestMs) return undefined;
  return nanoseconds > 0 ? Math.max(1, ms) : 0;
}
