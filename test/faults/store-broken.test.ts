import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openScene } from './scene.ts';

describe('a store that is damaged when Postern starts', () => {
  it('keeps it from starting, with one sentence that names the file and the cure, which works', async () => {
    await using scene = await openScene();
    const { postern } = scene;
    await scene.signIn('alice');
    await postern.kill();
    const file = join(scene.directory, 'state/store.sqlite');
    writeFileSync(file, Buffer.alloc(8192, 0xff), { flag: 'r+' });
    for (const side of ['-wal', '-shm']) rmSync(`${file}${side}`, { force: true });

    const before = postern.complaints().length;
    await assert.rejects(postern.start());
    assert.deepEqual(await postern.ended(), { status: 1, signal: null });
    const [named, told] = [`Cannot start: Cannot use the store ${JSON.stringify(file)}: `, postern.complaints().slice(before)];
    assert.deepEqual([told.startsWith(named), told.split('\n').length], [true, 2], told);
    assert.match(told, /; move the file away to begin with an empty store\n$/);

    renameSync(file, `${file}.damaged`);
    await postern.start();
    await scene.signIn('alice');
    postern.assertSound();
  });
});
