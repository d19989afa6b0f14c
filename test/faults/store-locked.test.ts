import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import { appHost, openScene } from './scene.ts';

/** A backup, or somebody's shell, that holds the write lock of the store. */
describe('a store that another process has locked', () => {
  it('keeps nobody waiting who only has to be known, and tells those who must write that it could not be done', async () => {
    await using scene = await openScene();
    const people = await Promise.all(['alice', 'bob'].map((name) => scene.signIn(name)));
    const [url, signOutUrl] = [`https://${appHost}:${scene.port}/`, `https://${appHost}:${scene.port}/.pomerium/sign_out`];
    const [dave, erin] = [scene.browser('dave'), scene.browser('erin')];
    assert.equal((await dave.arrive(url)).answer.status, 200);
    const callback = await scene.halfSignIn(erin);
    await using load = startLoad(scene, { people });
    await load.recovered();

    const lock = lockStore(join(scene.directory, 'state/store.sqlite'));
    const waiting = Promise.all([erin.visit(callback), dave.visit(signOutUrl)]);
    // Somebody has to write and can't, and the rest of the world goes on beside it: nothing waits on the thread of all.
    // More than were under way when the lock came.
    const others = Promise.all([load.seen(200, 6), load.seen('echoed', 4)]);
    const waited = await Promise.race([waiting.then(() => 'over'), others.then(() => 'still waiting')]);
    const answers = await waiting;
    lock.release();
    assert.equal(waited, 'still waiting');
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers['set-cookie']?.some((each) => /^_pomerium=[^;]/.test(each)) ?? false]),
      [
        [503, false],
        [503, false],
      ],
    );
    await load.recovered();
    assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', 'echoed']);

    assert.equal((await dave.visit(signOutUrl)).status, 302);
    assert.equal((await dave.visit(url)).status, 302);
    await scene.signIn('erin');
    scene.postern.assertSound();
  });

  it('is waited for while the lock is short', async () => {
    await using scene = await openScene();
    const erin = scene.browser('erin');
    const callback = await scene.halfSignIn(erin);
    const lock = lockStore(join(scene.directory, 'state/store.sqlite'));
    const answer = erin.visit(callback);
    setTimeout(() => lock.release(), 200);
    assert.equal((await answer).status, 302);
    scene.postern.assertSound();
  });
});

function lockStore(file: string): { release(): void } {
  const database = new DatabaseSync(file);
  database.exec('BEGIN EXCLUSIVE');
  return {
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
