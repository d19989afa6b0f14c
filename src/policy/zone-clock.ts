/** The clock on a wall somewhere. */
export interface ZoneClock {
  /** The zone's name as the tables of this Node have it. */
  readonly zone: string;
  /**
   * Milliseconds between 1970-01-01T00:00 and what the wall shows at `at` (milliseconds since 1970): summer time is in it, so
   * it jumps over an hour in spring and shows one twice in autumn. NaN for a number that is no time; NaN is in no range.
   */
  localTime(at: number): number;
}

const minuteMs = 60_000;
const latestTime = 8.64e15;

export const utcClock: ZoneClock = Object.freeze({ zone: 'UTC', localTime: (at: number) => (isTime(at) ? at : Number.NaN) });

/**
 * Undefined for what is no name of the IANA time zone database. Fixed offsets know no summer time and are none; nor are the
 * three-letter names that Unicode's tables add (`BST` is Dhaka there, `IST` Calcutta), which somebody in London means otherwise.
 */
export function openZoneClock(name: string): ZoneClock | undefined {
  const key = name.toLowerCase();
  const opened = openedClocks.get(key);
  if (opened !== undefined) return opened;
  const format = zoneFormat(name);
  if (format === undefined) return undefined;
  const zone = format.resolvedOptions().timeZone;
  const clock = zone === 'UTC' ? utcClock : Object.freeze({ zone, localTime: rememberMinute(format) });
  openedClocks.set(key, clock);
  return clock;
}

// A formatter weighs tens of kilobytes, and a thousand routes may name one zone. There are some six hundred names in all.
const openedClocks = new Map<string, ZoneClock>();

const threeLetterZones: ReadonlySet<string> = new Set('cet eet est gmt hst met mst prc roc rok uct utc wet'.split(' '));

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const lower = timeZone.toLowerCase();
  if (/^[+-]|^systemv\//.test(lower) || (/^[a-z]{3}$/.test(lower) && !threeLetterZones.has(lower))) return undefined;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23', ...numeric });
  } catch {
    // It throws for every name it doesn't know; nothing else in its options can be wrong.
    return undefined;
  }
}

/** The zone's distance to UTC changes at full minutes only, so that it is looked up once a minute: 5 µs then, next to nothing between. */
function rememberMinute(format: Intl.DateTimeFormat): (at: number) => number {
  let minute = Number.NaN;
  let offset = 0;
  return (at) => {
    if (!isTime(at)) return Number.NaN;
    const current = Math.floor(at / minuteMs);
    if (current !== minute) {
      offset = wallTime(format, current * minuteMs) - current * minuteMs;
      minute = current;
    }
    return at + offset;
  };
}

function wallTime(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function isTime(at: number): boolean {
  // The first minute of the first day begins before what a Date can hold.
  return Math.abs(at) <= latestTime - minuteMs;
}
