import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openHouse } from './house.ts';

describe('cookieNames', () => {
  it('claims the session cookie and its siblings, and no other', async () => {
    await using house = openHouse(new URL('https://idp.example.com'));
    const ours = ['_pomerium', '_pomerium_browser', '_pomerium_', '_pomeriumx', '_Pomerium', 'pomerium', 'x_pomerium'].filter((name) =>
      house.identity.cookieNames.isOurs(name),
    );
    assert.deepEqual(ours, ['_pomerium', '_pomerium_browser', '_pomerium_']);
  });
});
