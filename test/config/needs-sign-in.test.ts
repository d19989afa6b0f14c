import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsSignIn } from '../../src/config/needs-sign-in.ts';
import type { AccessSettings } from '../../src/config/settings.ts';

const nobody: AccessSettings = {
  publicAccess: false,
  anyAuthenticatedUser: false,
  allowedUsers: [],
  allowedDomains: [],
  allowedClaims: [],
  corsPreflight: false,
  policy: undefined,
  policyPath: ['routes', 0, 'policy'],
};

describe('needsSignIn()', () => {
  it('is true where a key or criterion is about somebody', () => {
    const accesses: Partial<AccessSettings>[] = [
      { anyAuthenticatedUser: true },
      { allowedUsers: ['alice'] },
      { allowedDomains: ['corp.example'] },
      { allowedClaims: [['groups', ['admins']]] },
      { policy: { allow: { or: [{ accept: true }, { email: 'a@x' }] } } },
      { policy: [{ deny: { and: [{ 'claim/family_name': 'X' }] } }] },
      { publicAccess: true, policy: [{ deny: { nor: [{ groups: { has: 'x' } }] } }] },
    ];
    assert.deepEqual(
      accesses.map((access) => needsSignIn({ ...nobody, ...access })),
      accesses.map(() => true),
    );
  });

  it('is false where nobody has to be known', () => {
    const accesses: Partial<AccessSettings>[] = [
      {},
      { publicAccess: true },
      { policy: { allow: { or: [{ http_path: '/user' }, { client_certificate: { san_email: 'user' } }, { source_ip: '::1' }] } } },
      { policy: null },
      { policy: 'email' },
    ];
    assert.deepEqual(
      accesses.map((access) => needsSignIn({ ...nobody, ...access })),
      accesses.map(() => false),
    );
  });
});
