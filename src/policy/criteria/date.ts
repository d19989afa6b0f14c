import type { SettingPath } from '../../config/problem.ts';
import { parseIsoDate } from '../iso-date.ts';
import type { Bounds } from '../parse-bounds.ts';
import { parseBounds } from '../parse-bounds.ts';
import { parseObject } from '../parse-object.ts';
import type { Parsed } from '../parsed.ts';
import { chainParsed, mapParsed, parsed, refused } from '../parsed.ts';
import { describeValue } from '../plain-data.ts';
import type { CompiledCriterion } from '../policy-tree.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { whenFacts } from './criterion-kind.ts';

const shape = { criterion: 'date', keys: ['after', 'before'], example: '{after: 2026-11-21, before: 2026-12-24T18:00}' };

/** `date`: from the moment `after` up to and without the moment `before`. */
export const dateCriterion: CriterionKind = {
  name: 'date',
  operand: 'object: after, before',
  takesPath: false,
  needsPerson: false,
  whenTrue: ['date-ok'],
  whenFalse: ['date-unauthorized'],
  compile: ({ data, path }) => mapParsed(parseDates(data, path), compileDates),
};

function compileDates({ after, before }: Bounds): CompiledCriterion {
  const from = after ?? -Infinity;
  const to = before ?? Infinity;
  const isWithin = (at: number): boolean => at >= from && at < to;
  return {
    evaluate: whenFacts(({ at }) => isWithin(at), 'date-ok', 'date-unauthorized'),
    look: ({ at }) => writeTime(at),
    certain: undefined,
    // Periods with a common moment have the latest beginning of them in common.
    demands: [{ subject: 'date', candidates: after === undefined ? undefined : [String(after)], accepts: (at) => isWithin(Number(at)) }],
  };
}

function parseDates(data: unknown, path: SettingPath): Parsed<Bounds> {
  const bounds = parseObject(data, path, shape, (object) => parseBounds(object, path, parseDate));
  return chainParsed(bounds, ({ after, before }) =>
    after !== undefined && before !== undefined && after > before
      ? refused(path, '"after" is later than "before", so there is no time between them')
      : parsed({ after, before }),
  );
}

function parseDate(written: unknown, path: SettingPath): Parsed<number> {
  const time = typeof written === 'string' ? parseIsoDate(written) : undefined;
  if (time !== undefined) return parsed(time);
  const forms = 'write ISO 8601 such as 2026-11-21, 2026-11-21T09:00 (both UTC) or 2026-11-21T09:00:00+01:00';
  return refused(path, `cannot read the date ${describeValue(written)}; ${forms}`);
}

function writeTime(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
