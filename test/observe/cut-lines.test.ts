import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutLines } from '../../src/observe/cut-lines.ts';

describe('cutLines()', () => {
  it('cuts at line ends, by bytes, and loses nothing', () => {
    assert.deepEqual(cutLines('ab\ncd\nef\n', 6), ['ab\ncd\n', 'ef\n']);
    assert.deepEqual(cutLines('äö\nab\n', 6), ['äö\n', 'ab\n']);
    assert.deepEqual(cutLines('ab\ncd\n', 6), ['ab\ncd\n']);
  });

  it('lets a line go alone that is too long', () => {
    assert.deepEqual(cutLines('a\nlonger than that\nb\n', 4), ['a\n', 'longer than that\n', 'b\n']);
  });
});
