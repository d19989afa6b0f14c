import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rememberFiles, replayFiles } from '../../src/workers/remember-files.ts';

describe('rememberFiles()', () => {
  it('reads each file once, and replays the same bytes and the same refusals elsewhere', () => {
    const read: string[] = [];
    const { readFile, contents } = rememberFiles((file, longest) => {
      read.push(file);
      if (file === '/gone') throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      if (longest !== undefined && longest < 4) throw Object.assign(new Error('large'), { code: 'EFBIG' });
      return Buffer.from('text');
    });
    for (const each of [readFile, readFile]) {
      assert.deepEqual(each('/a'), Buffer.from('text'));
      assert.throws(() => each('/a', 3), { code: 'EFBIG' });
      assert.throws(() => each('/gone'), { code: 'ENOENT' });
    }
    const replayed = replayFiles(structuredClone(contents));
    assert.deepEqual(replayed('/a'), Buffer.from('text'));
    assert.throws(() => replayed('/a', 3), { code: 'EFBIG' });
    assert.throws(() => replayed('/gone'), { code: 'ENOENT' });
    assert.throws(() => replayed('/another'), { code: 'ENOENT' });
    assert.deepEqual(read, ['/a', '/a', '/gone']);
  });
});
