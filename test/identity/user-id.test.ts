import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSession, tokensOf } from '../../src/identity/build-session.ts';
import { subjectOf, userIdOf } from '../../src/identity/user-id.ts';

describe('userIdOf()', () => {
  it('takes none that belongs to people who are known by a certificate', () => {
    const ids = ['certificate/staff/alice@corp.example', 'certificate', 'x/certificate/y'];
    assert.deepEqual(
      ids.map((sub) => userIdOf('oidc', { sub })),
      [undefined, 'certificate', 'x/certificate/y'],
    );
  });

  it('is the subject, and at Azure the object id, which stays the same for every application', () => {
    const claims = { sub: 's', oid: 'o' };
    assert.deepEqual([userIdOf('oidc', claims), userIdOf('azure', claims), userIdOf('azure', { sub: 's' })], ['s', 'o', 's']);
  });

  it('is nobody where the claim is missing, empty or no text', () => {
    for (const claims of [{}, { sub: '' }, { sub: 5 }]) assert.equal(userIdOf('oidc', claims), undefined);
    for (const claims of [
      { oid: '', sub: 's' },
      { oid: ['o'], sub: 's' },
    ])
      assert.equal(userIdOf('azure', claims), undefined);
  });
});

describe('a session of a provider that names people twice', () => {
  const grant = {
    idTokenClaims: { sub: 's', oid: 'o' },
    userInfo: {},
    accessToken: 'access',
    idToken: 'id',
    refreshToken: undefined,
    accessExpiresAt: undefined,
  };
  const session = buildSession({ id: '1', userId: 'o', expiresAt: 5, grant });

  it('is asked about by its subject', () => {
    assert.equal(subjectOf(session), 's');
  });

  it('has tokens, which no copy or print of the person shows', () => {
    assert.deepEqual(tokensOf(session.person), { accessToken: 'access', idToken: 'id' });
    assert.deepEqual(tokensOf({ ...session.person }), { accessToken: '', idToken: '' });
    assert.doesNotMatch(JSON.stringify(session.person), /access/);
  });
});
