const twelveHours = /^(\d{1,2})(?::(\d\d))? ?([AP]M)$/;
const twentyFourHours = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;

/**
 * Milliseconds since midnight of `3:04 PM`, `3:04PM`, `3 PM`, `3PM`, `15:04`, `15:04:05` and `15:04:05.999`; undefined for
 * every other writing. `12 AM` is midnight, `12 PM` noon, `24:00` no time of a day. Digits beyond the millisecond are cut off.
 */
export function parseClockTime(text: string): number | undefined {
  const [, hour12, minute12 = '00', half] = twelveHours.exec(text) ?? [];
  if (hour12 !== undefined) {
    const hour = Number(hour12);
    return hour < 1 || hour > 12 ? undefined : millisecondsOf((hour % 12) + (half === 'PM' ? 12 : 0), minute12);
  }
  const [, hour, minute = '', second, fraction] = twentyFourHours.exec(text) ?? [];
  return hour === undefined || Number(hour) > 23 ? undefined : millisecondsOf(Number(hour), minute, second, fraction);
}

function millisecondsOf(hour: number, minute: string, second = '00', fraction = '0'): number | undefined {
  if (Number(minute) > 59 || Number(second) > 59) return undefined;
  return ((hour * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}
