import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { showFound } from '../../src/policy/show-found.ts';

describe('showFound()', () => {
  it('leaves a plain text as it is, and nothing as nothing', () => {
    assert.deepEqual(
      ['alice@corp.example', 'żółw 漢字', '', undefined].map((found) => showFound(found)),
      ['alice@corp.example', 'żółw 漢字', '', undefined],
    );
  });

  it('shows the values of a claim as JSON, so that types can be told', () => {
    assert.equal(showFound(['5', 5, true, null, 'a"b']), '"5", 5, true, null, "a\\"b"');
    assert.equal(showFound([]), '');
  });

  it('shows what would move the cursor, end the line or turn the text around', () => {
    assert.equal(showFound('a\u001B[2Jb\r\n\u0007\u009B'), 'a\\u{1b}[2Jb\\u{d}\\u{a}\\u{7}\\u{9b}');
    assert.equal(showFound('\u202Ecod.exe\u2028\u200B\uFEFF\uD800'), '\\u{202e}cod.exe\\u{2028}\\u{200b}\\u{feff}\\u{d800}');
    assert.equal(showFound(['\u001B]0;x', '\u202E']), '"\\u001b]0;x", "\\u{202e}"');
  });

  it('cuts off what is long, however it is long', () => {
    for (const found of ['x'.repeat(1e6), '\u0000'.repeat(1e6), ['y'.repeat(1e6)], Array.from({ length: 1e5 }, () => 'group')]) {
      const shown = showFound(found) ?? '';
      assert.ok(shown.length <= 201 && shown.endsWith('…'), `${shown.length}`);
    }
    assert.equal(showFound('x'.repeat(200)), 'x'.repeat(200));
    assert.equal(showFound(Array.from({ length: 60 }, () => 1)), `${'1, '.repeat(50)}…`);
  });
});
