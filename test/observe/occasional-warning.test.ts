import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOccasionalWarning } from '../../src/observe/occasional-warning.ts';

describe('createOccasionalWarning()', () => {
  it('writes the first of each kind at once, and then one line for all that came in its time', () => {
    let at = 1_000_000;
    const lines: unknown[] = [];
    const warn = createOccasionalWarning({ warn: (...line) => void lines.push(line) }, () => at, 10_000);
    for (let times = 0; times < 500; times += 1) warn('flood', { peer: '192.0.2.7' }, 'Too many');
    warn('other', {}, 'Another');
    at += 9_999;
    warn('flood', { peer: '192.0.2.8' }, 'Too many');
    at += 1;
    warn('flood', { peer: '192.0.2.9' }, 'Too many');
    assert.deepEqual(lines, [
      [{ peer: '192.0.2.7', times: 1 }, 'Too many'],
      [{ times: 1 }, 'Another'],
      [{ peer: '192.0.2.9', times: 501 }, 'Too many'],
    ]);
  });

  it('is not silenced by a clock that was set back', () => {
    let at = 1_000_000;
    let lines = 0;
    const warn = createOccasionalWarning({ warn: () => (lines += 1) }, () => at, 10_000);
    warn('flood', {}, 'Too many');
    at = 0;
    warn('flood', {}, 'Too many');
    assert.equal(lines, 2);
  });
});
