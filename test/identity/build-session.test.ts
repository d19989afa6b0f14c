import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSession } from '../../src/identity/build-session.ts';
import type { Person } from '../../src/identity/person.ts';

function personOf(idTokenClaims: Record<string, unknown>, userInfo: Record<string, unknown> = {}): Person {
  const grant = {
    idTokenClaims,
    userInfo,
    accessToken: undefined,
    idToken: undefined,
    refreshToken: undefined,
    accessExpiresAt: undefined,
  };
  return buildSession({ id: 's', userId: 'u', expiresAt: 7, grant }).person;
}

describe('buildSession()', () => {
  it('lets user info win over the ID token, except in what vouches', () => {
    const person = personOf(
      { sub: 'u', iss: 'https://idp', name: 'Old', nonce: 'n', exp: 1, at_hash: 'h', groups: ['a'] },
      { sub: 'x', iss: 'https://evil', name: 'New', exp: 2 },
    );
    assert.deepEqual(
      { ...person, claims: Object.fromEntries(person.claims) },
      {
        id: 'u',
        email: undefined,
        name: 'New',
        sessionId: 's',
        expiresAt: 7,
        claims: { sub: ['u'], iss: ['https://idp'], name: ['New'], groups: ['a'] },
      },
    );
  });

  it('uses only an e-mail address with one @ and no blanks or controls', () => {
    const addresses = [
      'a@b.example',
      'A+b@B.example',
      'a@evil@corp.example',
      '@b',
      'a@',
      'a b@c',
      'a@b\n',
      'a\u0000@b',
      'a\u202e@b',
      '',
      7,
      null,
      ['a@b'],
    ];
    assert.deepEqual(
      addresses.map((email) => personOf({ email }).email),
      ['a@b.example', 'A+b@B.example', ...Array.from({ length: addresses.length - 2 }, () => undefined)],
    );
  });

  it('takes the address from the claim mail where there is none in email', () => {
    assert.deepEqual([personOf({ mail: 'a@b' }).email, personOf({ mail: 'a@b', email: 'c@d' }).email], ['a@b', 'c@d']);
  });

  it('uses no address that the provider says it did not verify, in either spelling and from either place', () => {
    const people = [
      personOf({ email: 'a@b', email_verified: false }),
      personOf({ email: 'a@b', email_verified: 'false' }),
      personOf({ email: 'a@b', email_verified: true }, { email_verified: false }),
      personOf({ email: 'a@b', mail: 'c@d', email_verified: false }),
    ];
    assert.deepEqual([...new Set(people.map(({ email, claims }) => email ?? claims.get('email') ?? claims.get('mail')))], [undefined]);
    assert.deepEqual([personOf({ email: 'a@b', email_verified: 'true' }).email, personOf({ email: 'a@b' }).email], ['a@b', 'a@b']);
  });
});
