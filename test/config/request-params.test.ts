import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toldOf } from './given-settings.ts';

const reserved = [
  'client_id',
  'State',
  'redirect_uri',
  'nonce',
  'code_challenge',
  'response_type',
  'response_mode',
  'scope',
  'request_uri',
];

describe('readRequestParams()', () => {
  it('refuses what the sign-in itself is made of', () => {
    for (const name of reserved) {
      const [told = ''] = toldOf(`idp_request_params: {${name}: hunter2}`);
      assert.match(told, new RegExp(`^error invalid-value: idp_request_params: "${name}" belongs to the sign-in itself`));
    }
  });

  it('names nothing that may be a value', () => {
    const told = toldOf('idp_request_params: {"hunter2 x": y, z: [hunter3]}', 'idp_provider: oidc');
    assert.equal(told.length, 2);
    assert.doesNotMatch(told.join(), /hunter/);
  });
});
