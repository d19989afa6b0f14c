import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';

/** Where nobody can sign in, a stranger who asks for a page of somebody must not make a fault of it: each would be a line at level error. */
describe('own pages where nobody can sign in', () => {
  for (const [what, config] of [
    ['without a provider and a host to sign in', ''],
    ['with a host to sign in and without a provider', 'authenticate_service_url: https://auth.postern.test\n'],
  ] as const) {
    describe(what, () => {
      let house: House;

      before(async () => {
        house = await openHouse({ config: `${config}routes: []` });
      });
      after(() => house[Symbol.asyncDispose]());

      for (const [path, expected] of [
        ['/.pomerium/user', 401],
        ['/.pomerium/sign_in', 404],
        ['/.pomerium/', 200],
        ['/.pomerium/callback/', 400],
      ] as const) {
        it(`answers ${path} with ${expected}`, async () => {
          const { status, headers } = await ask(house, `https://app.postern.test${path}`, { headers: { accept: 'text/html' } });
          assert.deepEqual([status, headers.location, house.log.filter(({ level }) => level === 'error')], [expected, undefined, []]);
        });
      }
    });
  }
});
