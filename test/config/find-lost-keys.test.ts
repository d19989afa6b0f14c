import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outcomeOf } from './given-settings.ts';

const maps: readonly string[] = [
  'set_response_headers: {__proto__: a}',
  'runtime_flags: {__proto__: true}',
  'idp_request_params: {__proto__: a}',
  'jwt_claims_headers: {__proto__: a}',
  'downstream_mtls: {match_subject_alt_names: [{__proto__: a}]}',
  ...['set_request_headers: {__proto__: a}', 'set_response_headers: {__proto__: a}', 'allowed_idp_claims: {__proto__: [a]}'].map(
    (map) => `routes: [{from: https://a.example, to: http://b.example, ${map}}]`,
  ),
];

describe('findLostKeys()', () => {
  for (const map of maps) {
    it(`tells of a key that would be dropped without a word: ${map}`, () => {
      const result = outcomeOf({ text: `insecure_server: true\n${map}\n` });
      const messages = result.ok ? [] : result.problems.map(({ message }) => message);
      assert.equal(messages.filter((message) => message.startsWith('unknown key "__proto__" in ')).length, 1, messages.join('; '));
    });
  }
});
