import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeBase64 } from '../../src/config/base64.ts';

describe('decodeBase64()', () => {
  it('decodes the standard alphabet with its padding', () => {
    assert.deepEqual(
      ['YQ==', 'YWI=', 'YWJj', '+/+/'].map((text) => decodeBase64(text)?.toString('hex')),
      ['61', '6162', '616263', 'fbffbf'],
    );
  });

  it('refuses what a lenient decoder would silently shorten', () => {
    const texts = ['', 'YQ', 'YQ=', 'YQ==\n', ' YQ==', 'Y Q==', '-_-_', 'YQ==YQ==', 'YWJj!', '===='];
    assert.deepEqual(
      texts.filter((text) => decodeBase64(text) !== undefined),
      [],
    );
  });
});
