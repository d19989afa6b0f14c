/** Writes times as ISO 8601 in UTC, with milliseconds; the same texts as `toISOString`, at a fraction of its price when times follow each other. */
export type TimeText = (at: number) => string;

/**
 * `at` is milliseconds since 1970; a part of a millisecond is left out. Throws a RangeError on what is no time. `write` makes of the
 * text what is wanted, once for each millisecond.
 */
export function createTimeText(write: (iso: string) => string): TimeText {
  let lastAt = Number.NaN;
  let lastText = '';
  let lastSecond = Number.NaN;
  let upToSecond = '';
  return (at) => {
    const whole = Math.trunc(at);
    if (whole === lastAt) return lastText;
    const second = Math.floor(whole / 1000);
    if (second !== lastSecond) {
      // Without its last five characters: three digits of milliseconds behind a dot, and a Z.
      upToSecond = new Date(whole).toISOString().slice(0, -4);
      lastSecond = second;
    }
    lastText = write(`${upToSecond}${String(whole - second * 1000).padStart(3, '0')}Z`);
    lastAt = whole;
    return lastText;
  };
}
