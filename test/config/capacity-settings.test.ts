import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

describe('readCapacity()', () => {
  it('takes whole numbers, 0 for no limit', () => {
    const lines = linesOf('max_connections: 0', 'max_connections_per_peer: 10000000', 'max_requests: 1');
    assert.deepEqual(settingsOf(lines).settings.capacity, { connections: 0, connectionsPerPeer: 10_000_000, requests: 1 });
  });

  it('refuses everything else', () => {
    for (const key of ['max_connections', 'max_connections_per_peer', 'max_requests'])
      for (const value of ['-1', '1.5', '10000001', '.inf', '.nan']) assert.equal(toldOf(`${key}: ${value}`).length, 1, `${key}: ${value}`);
  });
});
