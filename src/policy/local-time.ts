import type { ZoneClock } from './zone-clock.ts';

const dayMs = 86_400_000;
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** 0 for Sunday; NaN for NaN. `localTime` is that of a `ZoneClock`. */
export function dayOfWeek(localTime: number): number {
  // 1970 began on a Thursday; before it the remainder is negative.
  return (((Math.floor(localTime / dayMs) + 4) % 7) + 7) % 7;
}

/** Milliseconds since midnight; NaN for NaN. */
export function timeOfDay(localTime: number): number {
  return localTime - Math.floor(localTime / dayMs) * dayMs;
}

/** `Sat 2026-11-21 09:00:00 Europe/Oslo`; undefined for a number that is no time. */
export function writeLocalTime(at: number, clock: ZoneClock): string | undefined {
  const localTime = clock.localTime(at);
  const date = new Date(localTime);
  if (Number.isNaN(date.getTime())) return undefined;
  const [day, time] = date.toISOString().split(/[T.]/);
  return `${dayNames[dayOfWeek(localTime)]} ${day} ${time} ${clock.zone}`;
}
