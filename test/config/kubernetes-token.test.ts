import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf, toldOf } from './given-route.ts';

const key = 'kubernetes_service_account_token';

describe('readKubernetesToken()', () => {
  it('reads a token, from a file without the line end', () => {
    const tokens = [
      forwardOf({ [key]: 'eyJh.b-_~+/c==' }).kubernetesToken,
      forwardOf({ [`${key}_file`]: 'token' }, { files: { token: 'hunter2\n' } }).kubernetesToken,
    ];
    assert.deepEqual(
      tokens.map((token) => token?.reveal()),
      ['eyJh.b-_~+/c==', 'hunter2'],
    );
  });

  it('refuses what would break the header, without showing it', () => {
    const routes = ['Bearer hunter2', 'hunter2\r\nX-Team: blue', ''].map((token) => ({ [key]: token }));
    const files = { token: 'hunter2\nhunter3\n' };
    const problems = [...routes, { [`${key}_file`]: 'token' }].map((route) => toldOf(route, { files }));
    assert.deepEqual(problems, [
      [`invalid-value routes[0].${key} holds a character that no bearer token has, a blank perhaps`],
      [`invalid-value routes[0].${key} holds a character that no bearer token has, a blank perhaps`],
      [`invalid-value routes[0].${key} is empty: write it, or leave the key out`],
      [`invalid-value routes[0].${key}_file holds a character that no bearer token has, a blank perhaps`],
    ]);
  });

  it('refuses both spellings at once', () => {
    assert.deepEqual(toldOf({ [key]: 'hunter2', [`${key}_file`]: 'token' }), [
      `conflicting-keys routes[0].${key} and routes[0].${key}_file are both set: keep one of them`,
    ]);
  });
});
