import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareCapacity } from '../../src/workers/share-capacity.ts';
import { countWorkers } from '../../src/workers/worker-count.ts';

describe('countWorkers()', () => {
  it('takes a number as it is, and one for each core where there is none', () => {
    const machine = { parallelism: 8, platform: 'linux' } as const;
    assert.deepEqual([countWorkers('auto', machine), countWorkers(1, machine), countWorkers(3, machine)], [8, 1, 3]);
    assert.equal(countWorkers('auto', { ...machine, parallelism: 1 }), 1);
  });

  it('is one where processes can not share a port, and says so to who wants more', () => {
    const machine = { parallelism: 8, platform: 'darwin' } as const;
    assert.deepEqual([countWorkers('auto', machine), countWorkers(1, machine)], [1, 1]);
    assert.throws(() => countWorkers(2, machine), {
      message: "2 workers can't share a port on darwin, only on Linux: write workers: 1, or auto",
    });
  });
});

describe('shareCapacity()', () => {
  it('divides what all may take on, rounded up, and leaves no limit as it is', () => {
    assert.deepEqual(shareCapacity({ connections: 20_001, connectionsPerPeer: 1, requests: 0 }, 2), {
      connections: 10_001,
      connectionsPerPeer: 1,
      requests: 0,
    });
  });
});
