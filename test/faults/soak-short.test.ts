import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { median } from '../../bench/soak-result.ts';
import { soak } from '../../bench/soak.ts';

/** The short form of `npm run bench -- soak`: enough to see something that is held for each request, stream, reload or sign-in. */
describe('twenty seconds of everything that visitors do', () => {
  it('answers nobody wrongly, and leaves nothing behind', async () => {
    const { samples, idle, over, open, done } = await soak({ seconds: 20 });
    assert.deepEqual(open, { connections: 0, streams: 0 });
    assert.deepEqual(Object.keys(done).toSorted(), [
      '200',
      'abortsADownload',
      'abortsAnUpload',
      'echoed',
      'leavesASocket',
      'leavesAStream',
      'readsSlowly',
      'reloads',
      'signsInAndOut',
    ]);
    // Code is still being compiled and caches fill, hence the room; a download of 4 MiB that is held just once would break it.
    const third = Math.floor(samples.length / 3);
    const [early, late] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((some) =>
      median(some.map(({ heapMib }) => heapMib)),
    );
    assert.ok((late ?? 0) - (early ?? 0) < 4, `heap: ${early} MiB, then ${late} MiB`);
    assert.ok(over.heapMib - idle.heapMib < 24, `heap: ${idle.heapMib} MiB before, ${over.heapMib} MiB after`);
    // Connections to the upstream are kept open for a while; those of visitors are gone.
    assert.ok(over.files - idle.files < 40, `open files: ${idle.files} before, ${over.files} after`);
    // Hundreds came and went. One or two may be between their last event and the collector.
    assert.ok((over.socketsHeld ?? Infinity) <= 5, `${over.socketsHeld} sockets are held whose visitors have gone`);
  });
});
