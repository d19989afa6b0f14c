import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import { openScene } from './scene.ts';

describe('an upstream that is killed and started again', () => {
  it('costs its visitors 502 and 503 while it is away, and nobody ever gets a wrong answer or has a POST sent twice', async () => {
    await using scene = await openScene();
    const people = await Promise.all(['alice', 'bob', 'carol', 'dave'].map((name) => scene.signIn(name)));
    await using load = startLoad(scene, { people });
    await load.recovered();
    for (let round = 0; round < 2; round += 1) {
      // A WebSocket can only close; everybody else is told what is the matter.
      load.allow(502, 503, 'closed');
      await scene.upstream.kill();
      await load.seen(503, 10);
      await scene.upstream.start();
      await load.recovered();
      load.allow();
      await load.recovered();
    }
    const counts = await load.stop();
    scene.postern.assertSound();
    assert.deepEqual(sentTwice(scene.nonceFile), []);
    assert.ok((counts['200'] ?? 0) >= 50, JSON.stringify(counts));
  });
});

/** A GET may be tried again on a connection that turned out to be closed; what a POST did may not be done twice. */
function sentTwice(nonceFile: string): readonly string[] {
  const seen = new Set<string>();
  return readFileSync(nonceFile, 'utf8')
    .split('\n')
    .filter((line) => {
      const again = seen.has(line);
      seen.add(line);
      return again && line.startsWith('POST');
    });
}
