import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';

/** A timer that is set to more than 24 days goes off at once: the most generous timeout would be the shortest. */
describe('a timeout of months', () => {
  it('does not cut an answer that takes a moment', async () => {
    await using upstream = await openUpstream((_request, response) => void setTimeout(() => response.end('done'), 50));
    await using house = await openHouse({
      config: `routes: [{from: https://app.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true, timeout: 2160h}]`,
    });
    const { status, body } = await ask(house, 'https://app.postern.test/');
    assert.deepEqual([status, body], [200, 'done']);
  });
});
