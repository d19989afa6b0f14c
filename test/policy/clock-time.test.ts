import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseClockTime } from '../../src/policy/clock-time.ts';

function times(texts: readonly string[]): readonly (number | undefined)[] {
  return texts.map(parseClockTime);
}

describe('parseClockTime()', () => {
  it('reads every form of Pomerium', () => {
    const afternoon = (15 * 60 + 4) * 60_000;
    assert.deepEqual(times(['3:04 PM', '3:04PM', '03:04 PM', '15:04', '15:04:05', '15:04:05.999', '15:04:05.5']), [
      afternoon,
      afternoon,
      afternoon,
      afternoon,
      afternoon + 5000,
      afternoon + 5999,
      afternoon + 5500,
    ]);
    assert.deepEqual(times(['3 PM', '3PM', '3 AM', '3AM', '9:00', '09:00']), [54e6, 54e6, 108e5, 108e5, 324e5, 324e5]);
  });

  it('knows midnight, noon and the last moment of a day', () => {
    assert.deepEqual(times(['12 AM', '12:30 AM', '00:00', '12 PM', '12:30PM', '23:59:59.999']), [0, 18e5, 0, 432e5, 45e6, 86_399_999]);
  });

  it('cuts off what is finer than a millisecond', () => {
    assert.deepEqual(times(['00:00:00.0019', '00:00:00.123456789']), [1, 123]);
  });

  it('reads nothing else', () => {
    const hours = ['24:00', '25:00', '13 PM', '13:00 PM', '0 AM', '0:30 PM', '100:00', '-1:00'];
    const minutes = ['9:60', '9:5', '9:5 PM', '9:', '09:00:60', '09:00:5', '09:00:00.', '09:00:00,5', '09:00:00.1234567890'];
    const forms = ['', '9', 'noon', '3 pm', '3:04 p.m.', '3  PM', ' 9:00', '9:00 ', '3:04:05 PM', '0900', '9.00', '09:00Z', '9:00\n'];
    const others = [...hours, ...minutes, ...forms];
    assert.deepEqual(
      times(others),
      others.map(() => undefined),
    );
  });
});
