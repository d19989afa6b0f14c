import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { dayOfWeek, timeOfDay, writeLocalTime } from '../../src/policy/local-time.ts';
import type { ZoneClock } from '../../src/policy/zone-clock.ts';
import { openZoneClock, utcClock } from '../../src/policy/zone-clock.ts';

const minute = 60_000;
const day = 1440 * minute;

function clockOf(name: string): ZoneClock {
  const clock = openZoneClock(name);
  assert.ok(clock, name);
  return clock;
}

/** Milliseconds ahead of UTC, as the platform writes them: `GMT+05:45`. */
function offsetOf(at: number, name: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }).formatToParts(at);
  const written = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(written) ?? assert.fail(written);
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute;
}

function expected(at: number, name: string): { readonly day: number; readonly time: number } {
  const wall = new Date(at + offsetOf(at, name));
  const minutes = wall.getUTCHours() * 60 + wall.getUTCMinutes();
  return { day: wall.getUTCDay(), time: minutes * minute + wall.getUTCSeconds() * 1000 + wall.getUTCMilliseconds() };
}

/** The moments of a year at which the clocks change. */
function changesOf(year: number, name: string): readonly number[] {
  const days = Array.from({ length: 367 }, (_, index) => Date.UTC(year, 0, index));
  return days
    .filter((from) => offsetOf(from, name) !== offsetOf(from + day, name))
    .map((from) => {
      let [before, after] = [0, day / minute];
      while (after - before > 1) {
        const middle = (before + after) >> 1;
        if (offsetOf(from + middle * minute, name) === offsetOf(from, name)) before = middle;
        else after = middle;
      }
      return from + after * minute;
    });
}

function shown(at: number, name: string): { readonly day: number; readonly time: number } {
  const localTime = clockOf(name).localTime(at);
  return { day: dayOfWeek(localTime), time: timeOfDay(localTime) };
}

const zones = ['UTC', 'Europe/Oslo', 'Europe/London', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu', 'Asia/Tehran'];
const oddZones = ['Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Chatham', 'Africa/Casablanca', 'Antarctica/Troll', 'America/Sao_Paulo'];
const zone = fc.constantFrom(...zones, ...oddZones);

describe('openZoneClock()', () => {
  it('shows what a clock on the wall shows, at any moment of the last and the next decades', () => {
    fc.assert(
      fc.property(zone, fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2050, 0) }), (name, at) => {
        assert.deepEqual(shown(at, name), expected(at, name));
      }),
      { numRuns: 500 },
    );
  });

  it('is right on both sides of every change of the clocks in a year', () => {
    for (const name of [...zones, ...oddZones]) {
      for (const change of changesOf(2026, name))
        for (const step of [-minute, -1, 0, 1, minute - 1, minute, 30 * minute, 60 * minute - 1, 60 * minute]) {
          const at = change + step;
          assert.deepEqual(shown(at, name), expected(at, name), `${name} ${at}`);
        }
    }
    assert.deepEqual(changesOf(2026, 'Europe/Oslo'), [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)]);
    assert.deepEqual(changesOf(2026, 'Australia/Lord_Howe'), [Date.UTC(2026, 3, 4, 15), Date.UTC(2026, 9, 3, 15, 30)]);
  });

  it('shows no time of the gap and the doubled hour twice', () => {
    assert.deepEqual(
      ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'].map((at) =>
        writeLocalTime(Date.parse(at), clockOf('Europe/Oslo')),
      ),
      [
        'Sun 2026-03-29 01:59:59 Europe/Oslo',
        'Sun 2026-03-29 03:00:00 Europe/Oslo',
        'Sun 2026-10-25 02:00:00 Europe/Oslo',
        'Sun 2026-10-25 02:00:00 Europe/Oslo',
        'Sun 2026-10-25 03:00:00 Europe/Oslo',
      ],
    );
  });

  it('answers alike in whatever order it is asked', () => {
    const clock = clockOf('Europe/Oslo');
    const [summer, winter] = [Date.UTC(2026, 6, 1, 12, 0, 30), Date.UTC(2026, 11, 1, 12, 0, 30)];
    const hour = 3_600_000;
    assert.deepEqual(
      [summer, winter, winter, summer].map((at) => clock.localTime(at)),
      [summer + 2 * hour, winter + hour, winter + hour, summer + 2 * hour],
    );
  });

  it('shows nothing at what is no time', () => {
    for (const name of ['UTC', 'Europe/Oslo'])
      for (const at of [Number.NaN, Infinity, -Infinity, 8.64e15 + 1, -8.64e15, Number.MAX_VALUE]) {
        assert.ok(Number.isNaN(clockOf(name).localTime(at)), `${name} ${at}`);
        assert.equal(writeLocalTime(at, clockOf(name)), undefined);
      }
    assert.ok(Number.isNaN(dayOfWeek(Number.NaN)) && Number.isNaN(timeOfDay(Number.NaN)));
  });

  it('knows the names of the IANA database, the older ones too, in any case', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) assert.ok(openZoneClock(name), name);
    for (const name of ['UTC', 'GMT', 'CET', 'EST', 'EST5EDT', 'PRC', 'Zulu', 'US/Pacific', 'Etc/GMT+5', 'Asia/Calcutta', 'europe/oslo'])
      assert.ok(openZoneClock(name), name);
    assert.equal(clockOf('etc/utc'), utcClock);
  });

  it('opens one clock for a name', () => {
    assert.equal(openZoneClock('Europe/Oslo'), openZoneClock('EUROPE/OSLO'));
  });

  it('knows no offsets, no letters that mean several zones, and nothing else', () => {
    const offsets = ['+01:00', '-05', '+0100', 'UTC+1', 'GMT+1'];
    const letters = ['BST', 'IST', 'PST', 'CST', 'AST', 'JST', 'bst', 'SystemV/PST8'];
    for (const name of [...offsets, ...letters, '', ' ', 'Local', 'Z', 'Mars/Base', 'Europe/Oslo ', '__proto__', 'constructor'])
      assert.equal(openZoneClock(name), undefined, name);
  });
});
