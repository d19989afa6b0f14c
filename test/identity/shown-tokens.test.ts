import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readShownTokens, showsTokenInQuery } from '../../src/identity/shown-tokens.ts';
import { foreignCredentials } from '../../src/upstream/steps/drop-our-credentials.ts';

const nothing = { session: [], isSessionUnreadable: false, bearer: undefined };

function shown(...headers: readonly string[]): ReturnType<typeof readShownTokens> {
  return readShownTokens({ headers });
}

describe('readShownTokens()', () => {
  it('finds session tokens in three places, whatever the case of the words', () => {
    const one = { ...nothing, session: ['a.b.c'] };
    for (const headers of [
      ['Authorization', 'Pomerium a.b.c'],
      ['authorization', 'pOMERIUM  a.b.c'],
      ['Authorization', 'Bearer Pomerium-a.b.c'],
      ['AUTHORIZATION', 'bearer pomerium-a.b.c'],
      ['X-Pomerium-Authorization', 'a.b.c'],
    ])
      assert.deepEqual(shown(...headers), one, headers.join());
    assert.deepEqual(shown('Authorization', 'Pomerium a', 'X-Pomerium-Authorization', 'b'), { ...nothing, session: ['b', 'a'] });
  });

  it('finds what follows Bearer, and nothing where it is not one token', () => {
    const bearers = [
      'Bearer abc',
      'bearer   a/b+c~d==',
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Bearer a,b',
      'Bearer ä',
      `Bearer ${'x'.repeat(20_000)}`,
    ];
    assert.deepEqual(
      bearers.map((value) => shown('Authorization', value).bearer),
      ['abc', 'a/b+c~d==', '', '', '', '', '', ''],
    );
    assert.equal(shown('Authorization', 'Bearer a', 'authorization', 'Bearer b').bearer, '');
  });

  it('sees nothing in credentials of another kind', () => {
    for (const headers of [
      [],
      ['Authorization', 'Basic eDp5'],
      ['Authorization', 'Bearerx y'],
      ['Authorization', 'Pomeriumx y'],
      ['X-Other', 'Pomerium a'],
    ])
      assert.deepEqual(shown(...headers), nothing);
  });

  it('says when something was meant for us and can not be read', () => {
    for (const headers of [
      ['Authorization', 'Pomerium'],
      ['Authorization', 'Pomerium '],
      ['Authorization', 'Pomerium a b'],
      ['Authorization', 'Pomerium a,b'],
      ['Authorization', 'Pomerium\ta'],
      ['Authorization', 'Pomerium-IDP-Access-Token a'],
      ['Authorization', 'Bearer Pomerium-'],
      ['Authorization', 'Bearer\tPomerium-a'],
      ['Authorization', 'Pomerium a', 'Authorization', 'Basic b'],
      ['X-Pomerium-Authorization', ''],
      ['X-Pomerium-Authorization', 'Pomerium a'],
      ['X-Pomerium-Authorization', 'a', 'x-pomerium-authorization', 'a'],
    ])
      assert.equal(shown(...headers).isSessionUnreadable, true, headers.join());
  });

  it('takes for ours whatever no upstream may see', () => {
    const plan = { dropNames: new Set<string>() } as unknown as Parameters<typeof foreignCredentials>[0]['plan'];
    const values = [
      'Pomerium a',
      'pomerium',
      'Pomerium-X a',
      'Pomerium\ta',
      'Bearer Pomerium-a',
      'bearer\tpomerium-',
      'Bearer a',
      'Basic a',
      'Pomeriumx',
    ];
    for (const value of values) {
      const headers = ['Authorization', value];
      const { session, isSessionUnreadable } = shown(...headers);
      const passed = foreignCredentials({ plan, inbound: { headers } as unknown as Parameters<typeof foreignCredentials>[0]['inbound'] });
      assert.equal(session.length > 0 || isSessionUnreadable, passed === undefined, value);
    }
  });
});

describe('showsTokenInQuery()', () => {
  it('sees the name of the parameter and no other', () => {
    assert.deepEqual(
      ['', '?a=b', '?pomerium_session=x', '?a=b&pomerium_session', '?my_pomerium_session=x', '?a=pomerium_session'].map((query) =>
        showsTokenInQuery({ query }),
      ),
      [false, false, true, true, false, false],
    );
  });
});
