import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quoteValue } from '../../src/config/quote-value.ts';

describe('quoteValue()', () => {
  it('quotes scalars, and names what is none', () => {
    assert.deepEqual(
      [quoteValue('a "b"'), quoteValue(5), quoteValue(true), quoteValue(null), quoteValue([1]), quoteValue({ a: 1 })],
      ['"a \\"b\\""', '5', 'true', 'nothing', 'a list', 'a map'],
    );
  });

  it('escapes what could move a cursor or turn a line around, and cuts long texts', () => {
    assert.deepEqual(
      [quoteValue('a\u001b[31m\n\u007f\u202eb\u2028'), quoteValue('x'.repeat(100))],
      [String.raw`"a\u001b[31m\n\u{7f}\u{202e}b\u{2028}"`, `"${'x'.repeat(80)}…"`],
    );
  });

  it('shows nothing of a key in PEM', () => {
    assert.equal(quoteValue('info -----BEGIN PRIVATE KEY----- S3CRET'), '"info -----BEGIN…"');
  });

  it('hides the user part of a URL, also of one that is wrong', () => {
    const texts = ['http://bob:pw@host', 'http:/bob:pw@host', 'http:bob:pw@host', 'http://bob:pw', 'http://bob:p w@host'];
    assert.deepEqual(
      texts.map((text) => quoteValue(text)).filter((quoted) => /p ?w/.test(quoted)),
      [],
    );
  });
});
