import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseIsoDate } from '../../src/policy/iso-date.ts';

describe('parseIsoDate()', () => {
  it('reads dates and times, in UTC where no offset stands', () => {
    const nine = Date.UTC(2026, 10, 21, 9);
    const same = ['T09:00', 'T09:00Z', 'T09:00:00', 'T09:00:00.000Z', 'T09:00:00,0', 'T10:00+01:00', 'T10:00+0100', 'T10:00+01'];
    const others = ['T04:00-05:00', 'T14:30:00.0+05:30', 'T09:00+00:00', 'T09:00-00:00'];
    for (const text of [...same, ...others]) assert.equal(parseIsoDate(`2026-11-21${text}`), nine, text);
    assert.equal(parseIsoDate('2026-11-21'), Date.UTC(2026, 10, 21));
    assert.equal(parseIsoDate('2026-11-21T09:00:00.0629Z'), nine + 62);
  });

  it('reads every moment of four-digit years as a Date writes it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
        assert.equal(parseIsoDate(date.toISOString()), date.getTime());
      }),
    );
  });

  it('reads no day, hour or offset that there is not', () => {
    const days = ['2026-00-01', '2026-13-01', '2026-01-00', '2026-01-32', '2026-02-29', '2100-02-29', '2026-04-31'];
    const times = ['T24:00', 'T23:60', 'T23:59:60', 'T09:00+24:00', 'T09:00+01:60'].map((time) => `2026-11-21${time}`);
    for (const text of [...days, ...times]) assert.equal(parseIsoDate(text), undefined, text);
    assert.equal(parseIsoDate('2028-02-29'), Date.UTC(2028, 1, 29));
  });

  it('reads no other writing', () => {
    const dates = ['', '2026', '2026-11', '20261121', '2026-W47-6', '2026-325', '21.11.2026', '11/21/2026', '2026-1-2', '+002026-11-21'];
    const times = [
      '2026-11-21T',
      '2026-11-21T09',
      '2026-11-21 09:00',
      '2026-11-21t09:00',
      '2026-11-21T09:00z',
      '2026-11-21T9:00',
      '2026-11-21Z',
    ];
    const ends = ['2026-11-21T09:00:00.', '2026-11-21T09:00+1', '2026-11-21T09:00 +01:00', ' 2026-11-21', '2026-11-21\n', 'today'];
    for (const text of [...dates, ...times, ...ends]) assert.equal(parseIsoDate(text), undefined, text);
  });
});
