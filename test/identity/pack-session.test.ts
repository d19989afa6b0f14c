import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serialize } from 'node:v8';
import { buildSession, tokensOf } from '../../src/identity/build-session.ts';
import type { LiveSession } from '../../src/identity/live-session.ts';
import { liveSession } from '../../src/identity/live-session.ts';
import { createSessionPacker } from '../../src/identity/pack-session.ts';
import type { Grant } from '../../src/identity/session.ts';

const grant: Grant = {
  idTokenClaims: { sub: 'u', iss: 'https://idp.example.com', name: 'Alice', groups: ['admins', 'staff', 'everybody'] },
  userInfo: { email: 'alice@example.com', email_verified: true, address: { country: 'PL' } },
  accessToken: undefined,
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
};

function live(changes: Partial<Grant> = {}, id = 's1', userId = 'u', keepsTokens = false): LiveSession {
  return liveSession(buildSession({ id, userId, expiresAt: 1_900_000_000_000, grant: { ...grant, ...changes } }), keepsTokens);
}

const oddities: Readonly<Record<string, Partial<Grant>>> = {
  'somebody of whom nothing is known': { idTokenClaims: {}, userInfo: {} },
  'an address that is in the claim mail': { userInfo: { mail: 'alice@example.com' } },
  'an address that was not verified': { userInfo: { email: 'alice@example.com', email_verified: false } },
  'numbers, also such as stand for texts': { idTokenClaims: { sub: 'u', level: [0, 1, -1.5, 1e21], n: 3 } },
  'values of all kinds in one list': { idTokenClaims: { mixed: ['text', 'another text', 7, true, false, null, ''] } },
  'an empty list, and nested ones': { idTokenClaims: { none: [], deep: { er: [{ a: 1 }, { a: 'b' }] } } },
  'letters of every script, and halves of such': { idTokenClaims: { name: 'Łucja 李 𝔘 \ud800 ÿ "\\\n\u0000', ключ: ['значение'] } },
  'names that objects have': {
    idTokenClaims: JSON.parse('{"__proto__":"a","constructor":"b","toString":["c"]}') as Grant['idTokenClaims'],
  },
  'a text as long as may be': { idTokenClaims: { long: 'x'.repeat(20_000) } },
  'somebody who can be asked about again': { refreshToken: 'r', accessExpiresAt: 1_800_000_000_123 },
  'a certificate': { certificate: { fingerprint: 'f', isLinked: true } },
};

describe('createSessionPacker()', () => {
  for (const [what, changes] of Object.entries(oddities))
    it(`makes the same of a text again: ${what}`, () => {
      const { pack, unpack } = createSessionPacker();
      for (const id of ['s1', 's2', 's3']) {
        const session = live(changes, id, `u-${id}`);
        assert.deepEqual(unpack(id, pack(session, 5)), { session, readAt: 5 });
      }
    });

  it('makes the same again of thousands who have much in common', () => {
    const { pack, unpack } = createSessionPacker();
    const sessions = Array.from({ length: 3_000 }, (_, number) => {
      const groups = Array.from({ length: 10 }, (__, index) => `department-${(number * 7 + index * 13) % 200}`);
      const idTokenClaims = { sub: `u${number}`, name: `Person ${number}`, groups, auth_time: number, level: number % 5 };
      return live({ idTokenClaims }, `s${number}`, `u${number}`);
    });
    const texts = sessions.map((session) => pack(session, 1));
    assert.deepEqual(
      texts.map((text, number) => unpack(`s${number}`, text).session),
      sessions,
    );
  });

  it('writes what many have in common as a number, and in one byte a letter', () => {
    const { pack } = createSessionPacker();
    const [, , third = ''] = ['s1', 's2', 's3'].map((id) => pack(live({ userInfo: { name: 'Łucja' } }, id, `u-${id}`), 1_800_000_000_000));
    assert.doesNotMatch(third, /admins|everybody|idp\.example/);
    assert.doesNotMatch(third, /[\u0100-\uffff]/);
    // As V8 holds it: behind two bytes about the format stands `"` for a text of one byte a letter, `c` for two.
    assert.equal(serialize(third).toString('latin1', 2, 3), '"');
    assert.ok(third.length < 150, third);
  });

  it('writes out what is of one person alone, however many sessions they have', () => {
    const { pack } = createSessionPacker();
    const [, , third = ''] = ['s1', 's2', 's3'].map((id) => pack(live({}, id), 0));
    assert.match(third, /alice@example\.com.*admins|admins.*alice@example\.com/);
  });

  it('keeps tokens with those who may show them, and only with them', () => {
    const { pack, unpack } = createSessionPacker();
    const tokens = { accessToken: 'access', idToken: 'id' };
    const shown = [true, false].map((keepsTokens) => {
      const text = pack(live(tokens, 's1', 'u', keepsTokens), 0);
      return [text.includes('access'), tokensOf(unpack('s1', text).session.person)];
    });
    assert.deepEqual(shown, [
      [true, tokens],
      [false, { accessToken: '', idToken: '' }],
    ]);
  });

  it('never says that somebody is called what their claim says when they are called something else', () => {
    const { pack, unpack } = createSessionPacker();
    const session = live({ idTokenClaims: { sub: 'at-this-client', oid: 'at-azure' } }, 's1', 'at-azure');
    assert.deepEqual(unpack('s1', pack(session, 0)).session.person.id, 'at-azure');
  });
});
