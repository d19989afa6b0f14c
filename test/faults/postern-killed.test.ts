import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import type { Person } from './scene.ts';
import { openScene } from './scene.ts';

describe('Postern itself, killed and started again', () => {
  it('knows every session that it ever handed out, and nobody by another one’s', async () => {
    await using scene = await openScene();
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
    await using load = startLoad(scene, { people });
    await load.recovered();
    const signedIn: Person[] = [];
    for (let round = 0; round < 2; round += 1) {
      load.allow('lost', 'closed');
      // Sign-ins under way are what writes to the store while the process ends.
      const names = Array.from({ length: 6 }, (_, index) => `late${round}${index}`);
      const signingIn = names.map((name) =>
        scene.signIn(name).then(
          (person) => void signedIn.push(person),
          () => undefined,
        ),
      );
      await Promise.any(signingIn);
      await scene.postern.kill();
      await Promise.all(signingIn);
      await scene.postern.start();
      await load.recovered();
      load.allow();
    }
    assert.ok(signedIn.length > 0);
    await using late = startLoad(scene, { people: signedIn, protocols: ['http1'] });
    await late.recovered();
    await Promise.all([late.stop(), load.stop()]);
    scene.postern.assertSound();
    assert.deepEqual(checkStore(join(scene.directory, 'state/store.sqlite')), 'ok');
  });
});

function checkStore(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  } finally {
    database.close();
  }
}
