import type { DerValue } from './read-der.ts';
import { MalformedDer } from './read-der.ts';

/** Milliseconds since 1970 from a UTCTime or GeneralizedTime, in the one form that RFC 5280 section 4.1.2.5 allows: seconds, and Z. */
export function readTime(value: DerValue | undefined): number {
  const digits = value === undefined ? undefined : fullDigits(value);
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits ?? '') ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(iso);
  // The 30th of February is read as a day in March: whoever wrote it meant something else.
  if (!Number.isFinite(time) || new Date(time).toISOString() !== iso) throw new MalformedDer('a date that is none');
  return time;
}

/** Whether what has this tag is a date at all, without a look at its digits: lists hold them by the million. */
export function isTimeTag(tag: number | undefined): boolean {
  return tag === utcTime || tag === generalizedTime;
}

const utcTime = 0x17;
const generalizedTime = 0x18;

function fullDigits({ tag, contents }: DerValue): string | undefined {
  const text = contents.toString('latin1');
  if (tag === generalizedTime) return text;
  // Two digits of a year: from 50 on they are of the last century.
  return tag === utcTime ? `${text < '50' ? '20' : '19'}${text}` : undefined;
}
