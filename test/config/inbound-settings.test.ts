import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapedSlashActions, underscoreActions } from '../../src/config/choices.ts';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

describe('readInboundRules()', () => {
  it('takes every word, in any case and in its long spelling', () => {
    for (const [key, words, at] of [
      ['path_with_escaped_slashes_action', escapedSlashActions, 0],
      ['headers_with_underscores_action', underscoreActions, 1],
    ] as const) {
      for (const word of words)
        for (const spelling of [word, word.toUpperCase(), `${key}_${word}`.toUpperCase()]) assert.equal(read(key, spelling)[at], word);
    }
  });

  it('refuses to leave paths as they are', () => {
    assert.match(toldOf('normalize_path: false').join(), /^error not-supported-yet: normalize_path: false is not supported yet/);
  });
});

describe('readForwardedFor()', () => {
  it('believes no number of proxies that is none', () => {
    assert.deepEqual(
      ['-1', '1.5', '101', '.inf', '.nan'].map((text) => toldOf(`xff_num_trusted_hops: ${text}`).length),
      [1, 1, 1, 1, 1],
    );
  });
});

function read(key: string, word: string): readonly string[] {
  const { escapedSlashes, underscores } = settingsOf(linesOf(`${key}: ${word}`)).settings.inboundRules;
  return [escapedSlashes, underscores];
}
