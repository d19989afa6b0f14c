import type { SettingPath } from '../../config/problem.ts';
import { parseZone } from '../parse-zone.ts';
import { parseObject } from '../parse-object.ts';
import type { Parsed } from '../parsed.ts';
import { bothParsed, collectParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue, isPlainObject } from '../plain-data.ts';
import type { CompiledCriterion } from '../policy-tree.ts';
import { dayOfWeek, writeLocalTime } from '../local-time.ts';
import type { ZoneClock } from '../zone-clock.ts';
import { utcClock } from '../zone-clock.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { certainly, fixedSide, whenFacts } from './criterion-kind.ts';

const shape = { criterion: 'day_of_week', keys: ['in', 'timezone'], example: '{in: mon-fri, timezone: Europe/Oslo}' };

// The numbers are those of `Date`: Sunday is 0.
const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const days: ReadonlyMap<string, number> = new Map(
  dayNames.flatMap((name, day) => [[name, day] as const, [name.slice(0, 3), day] as const]),
);

/** `day_of_week`: `*`, or days and ranges joined by commas; in UTC unless the data is an object with a `timezone`. */
export const dayOfWeekCriterion: CriterionKind = {
  name: 'day_of_week',
  operand: '`*`, days and ranges, or object: in, timezone',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['day-of-week-ok'],
  whenFalse: ['day-of-week-unauthorized'],
  compile: ({ data, path }) =>
    mapParsed(isPlainObject(data) ? parseInZone(data, path) : parseInUtc(data, path), ([chosen, clock]) => compileDays(chosen, clock)),
};

function compileDays(chosen: ReadonlySet<number>, clock: ZoneClock): CompiledCriterion {
  const look = ({ at }: { readonly at: number }): string | undefined => writeLocalTime(at, clock);
  if (chosen.size === dayNames.length) return certainly(fixedSide(true, 'day-of-week-ok'), look);
  return {
    evaluate: whenFacts(({ at }) => chosen.has(dayOfWeek(clock.localTime(at))), 'day-of-week-ok', 'day-of-week-unauthorized'),
    look,
    certain: undefined,
    demands: [
      { subject: `day of the week in ${clock.zone}`, candidates: [...chosen].map(String), accepts: (day) => chosen.has(Number(day)) },
    ],
  };
}

function parseInZone(data: unknown, path: SettingPath): Parsed<readonly [ReadonlySet<number>, ZoneClock]> {
  return parseObject(data, path, shape, (object) =>
    bothParsed(
      object['in'] === undefined
        ? refused(path, '"in" is missing from day_of_week; write days such as mon-fri')
        : parseDays(object['in'], [...path, 'in']),
      object['timezone'] === undefined ? parsed(utcClock) : parseZone(object['timezone'], [...path, 'timezone']),
    ),
  );
}

function parseInUtc(data: unknown, path: SettingPath): Parsed<readonly [ReadonlySet<number>, ZoneClock]> {
  return mapParsed(parseDays(data, path), (chosen) => [chosen, utcClock]);
}

function parseDays(written: unknown, path: SettingPath): Parsed<ReadonlySet<number>> {
  if (typeof written !== 'string') return refused(path, `cannot read the days ${describeValue(written)}; ${forms}`);
  if (written === '*') return parsed(new Set(dayNames.keys()));
  const ranges = collectParsed(written.split(',').map((range) => parseRange(range, path)));
  return mapParsed(ranges, (all) => new Set(all.flat()));
}

const forms = 'write "*", or days and ranges joined by commas such as mon,wed-fri or saturday';

function parseRange(text: string, path: SettingPath): Parsed<readonly number[]> {
  const [first, last, ...others] = text.split('-').map((name) => days.get(name));
  if (first === undefined || others.length > 0 || (last === undefined && text.includes('-')))
    return refused(path, `cannot read the days ${describeValue(text)}; ${forms}`);
  // Friday to Monday goes over the end of the week.
  const length = last === undefined ? 0 : (last - first + 7) % 7;
  return parsed(Array.from({ length: length + 1 }, (_, step) => (first + step) % 7));
}
