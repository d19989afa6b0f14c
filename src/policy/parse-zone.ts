import type { SettingPath } from '../config/problem.ts';
import { nearestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { parsed, refused } from './parsed.ts';
import { describeValue } from './plain-data.ts';
import type { ZoneClock } from './zone-clock.ts';
import { openZoneClock } from './zone-clock.ts';

/** A name of the IANA time zone database. */
export function parseZone(written: unknown, path: SettingPath): Parsed<ZoneClock> {
  const clock = typeof written === 'string' ? openZoneClock(written) : undefined;
  if (clock !== undefined) return parsed(clock);
  return refused(path, `cannot read the timezone ${describeValue(written)}; ${suggestZone(written)}`);
}

function suggestZone(written: unknown): string {
  const names = new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]));
  const near = typeof written === 'string' ? nearestName(written, names.keys()) : undefined;
  const name = near === undefined ? undefined : names.get(near);
  return name === undefined ? 'write an IANA name such as Europe/Oslo' : `did you mean ${name}?`;
}
