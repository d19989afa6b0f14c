import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

describe('readLogLevel()', () => {
  it("takes all of Pomerium's words but those that ask for silence", () => {
    const words = ['trace', 'DEBUG', 'info', 'warn', 'Warning', 'error', 'critical', 'fatal', 'panic'];
    assert.deepEqual(
      words.map((word) => settingsOf(linesOf(`log_level: ${word}`)).settings.logLevel),
      ['trace', 'debug', 'info', 'warn', 'warn', 'error', 'error', 'error', 'error'],
    );
    assert.deepEqual(
      ['off', 'none', 'disabled'].map((word) => toldOf(`log_level: ${word}`).join().split(':', 1)[0]),
      ['error not-supported-yet', 'error not-supported-yet', 'error not-supported-yet'],
    );
  });
});
