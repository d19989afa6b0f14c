import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDuration } from '../../src/config/duration.ts';

describe('parseDuration()', () => {
  it("reads Go's notation as milliseconds", () => {
    const texts = ['0', '0s', '30s', '14h', '1h30m', '1.5h', '.5s', '1.s', '100ms', '2m0.5s', '1500us', '2562047h'];
    assert.deepEqual(
      texts.map((text) => parseDuration(text)),
      [0, 0, 30_000, 50_400_000, 5_400_000, 5_400_000, 500, 1000, 100, 120_500, 2, 9_223_369_200_000],
    );
  });

  it('never makes nothing of something, because nothing means no limit', () => {
    assert.deepEqual(
      ['1ns', '1us', '1µs', '1μs', '400us'].map((text) => parseDuration(text)),
      [1, 1, 1, 1, 1],
    );
  });

  it('knows no negative, unitless, spaced, unknown or endless durations', () => {
    const texts = ['', '30', '-5s', '+5s', '5 s', ' 5s', '5s ', '1d', 's', '.s', '1e3s', '9999999h', '5S', 'Infinity', '１s'];
    assert.deepEqual(
      texts.filter((text) => parseDuration(text) !== undefined),
      [],
    );
  });
});
