import type { SettingPath } from '../../config/problem.ts';
import { parseClockTime } from '../clock-time.ts';
import { timeOfDay, writeLocalTime } from '../local-time.ts';
import type { Bounds } from '../parse-bounds.ts';
import { parseBounds } from '../parse-bounds.ts';
import { parseObject } from '../parse-object.ts';
import { parseZone } from '../parse-zone.ts';
import type { Parsed } from '../parsed.ts';
import { bothParsed, chainParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue } from '../plain-data.ts';
import type { CompiledCriterion } from '../policy-tree.ts';
import type { ZoneClock } from '../zone-clock.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { whenFacts } from './criterion-kind.ts';

const shape = {
  criterion: 'time_of_day',
  keys: ['timezone', 'after', 'before'],
  example: '{timezone: Europe/Oslo, after: 9:00 AM, before: 17:30}',
};

/**
 * `time_of_day`: what a clock on the wall shows, from `after` up to and without `before`, over midnight when `after` is the
 * later one. An hour that summer time leaves out never comes, and one that it repeats comes twice.
 */
export const timeOfDayCriterion: CriterionKind = {
  name: 'time_of_day',
  operand: 'object: timezone, after, before',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['time-of-day-ok'],
  whenFalse: ['time-of-day-unauthorized'],
  compile: ({ data, path }) => mapParsed(parseTimes(data, path), ([clock, bounds]) => compileTimes(clock, bounds)),
};

function compileTimes(clock: ZoneClock, { after = 0, before = Infinity }: Bounds): CompiledCriterion {
  const isWithin =
    after < before ? (time: number): boolean => time >= after && time < before : (time: number): boolean => time >= after || time < before;
  return {
    evaluate: whenFacts(({ at }) => isWithin(timeOfDay(clock.localTime(at))), 'time-of-day-ok', 'time-of-day-unauthorized'),
    look: ({ at }) => writeLocalTime(at, clock),
    certain: undefined,
    // Spans of a day with a common moment have the beginning of one of them in common.
    demands: [{ subject: `time of day in ${clock.zone}`, candidates: [String(after)], accepts: (time) => isWithin(Number(time)) }],
  };
}

function parseTimes(data: unknown, path: SettingPath): Parsed<readonly [ZoneClock, Bounds]> {
  return parseObject(data, path, shape, (object) =>
    bothParsed(
      object['timezone'] === undefined
        ? refused(path, '"timezone" is missing from time_of_day; write the name of one such as Europe/Oslo')
        : parseZone(object['timezone'], [...path, 'timezone']),
      chainParsed(parseBounds(object, path, parseTime), (bounds) =>
        // Over midnight it would be the whole day, and read literally none of it.
        bounds.after === undefined && bounds.before === 0
          ? refused(path, 'no time of a day is before midnight; write "after" as well')
          : parsed(bounds),
      ),
    ),
  );
}

function parseTime(written: unknown, path: SettingPath): Parsed<number> {
  const time = typeof written === 'string' ? parseClockTime(written) : undefined;
  if (time !== undefined) return parsed(time);
  return refused(path, `cannot read the time ${describeValue(written)}; write 15:04, 15:04:05, 15:04:05.999, 3:04 PM or 3 PM`);
}
