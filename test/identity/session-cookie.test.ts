import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { CookieSettings } from '../../src/config/settings.ts';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import { buildSession } from '../../src/identity/build-session.ts';
import { createSealer } from '../../src/identity/sealer.ts';
import type { SessionCookie } from '../../src/identity/session-cookie.ts';
import { createSessionCookie } from '../../src/identity/session-cookie.ts';
import { cookieSettings } from './house.ts';
import { request } from './request.ts';

const secret = randomBytes(32);
const grant = {
  idTokenClaims: {},
  userInfo: {},
  accessToken: undefined,
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
};

function host(name: string): Hostname {
  return parseHostname(name) ?? assert.fail();
}

function cookieOf(changes: Partial<CookieSettings> = {}): SessionCookie {
  return createSessionCookie({
    settings: { ...cookieSettings, ...changes },
    authenticateHost: host('auth.test'),
    sealer: createSealer([secret], 'a'),
    authenticateSealer: createSealer([secret], 'b'),
    now: () => 0,
  });
}

function written(cookie: SessionCookie, name: string, id: string): { readonly pair: string; readonly attributes: string } {
  const [pair = '', ...attributes] = cookie.write(host(name), buildSession({ id, userId: 'u', expiresAt: 90_500, grant })).split('; ');
  return { pair, attributes: attributes.join('; ') };
}

function read(cookie: SessionCookie, name: string, ...cookies: string[]): string | undefined {
  return cookie.read(request(`https://${name}/`, cookies.join('; ')));
}

describe('createSessionCookie()', () => {
  const cookie = cookieOf();
  const { pair, attributes } = written(cookie, 'a.test', 'id-1');

  it('reads at a host what it wrote there, and nowhere else', () => {
    const found = ['a.test', 'b.test', 'x.a.test', 'test', 'auth.test'].map((name) => read(cookie, name, pair));
    assert.deepEqual(found, ['id-1', undefined, undefined, undefined, undefined]);
    assert.equal(attributes, 'Path=/; Max-Age=90; Secure; HttpOnly');
  });

  it('is not shared between the authenticate host and a route host', () => {
    const own = written(cookie, 'auth.test', 'id-1');
    assert.match(own.pair, /^_pomerium_authenticate=/);
    assert.equal(own.attributes, 'Path=/; Max-Age=90; Secure; HttpOnly; SameSite=Lax');
    assert.deepEqual(
      [read(cookie, 'auth.test', own.pair), read(cookie, 'a.test', own.pair.replace('_authenticate', ''))],
      ['id-1', undefined],
    );
  });

  it('takes anything malformed for nobody', () => {
    const value = pair.slice('_pomerium='.length);
    const values = [
      '',
      'x',
      '=',
      '{}',
      '%00',
      'null',
      value.slice(1),
      value.slice(0, -2),
      `${value}A`,
      `"${value}"`,
      value.toLowerCase(),
      'A'.repeat(10_000),
      'eyJhbGciOiJub25lIn0.e30.',
    ];
    assert.deepEqual([...new Set(values.map((each) => read(cookie, 'a.test', `_pomerium=${each}`)))], [undefined]);
  });

  it('passes over duplicates that do not verify here, wherever they stand', () => {
    const [garbage, elsewhere] = ['_pomerium=garbage', written(cookie, 'b.test', 'id-2').pair];
    assert.deepEqual([read(cookie, 'a.test', garbage, elsewhere, pair), read(cookie, 'a.test', pair, garbage)], ['id-1', 'id-1']);
  });

  it('takes two genuine cookies of different sessions for nobody', () => {
    const second = written(cookie, 'a.test', 'id-2').pair;
    assert.deepEqual(
      [read(cookie, 'a.test', pair, second), read(cookie, 'a.test', second, pair), read(cookie, 'a.test', pair, pair)],
      [undefined, undefined, 'id-1'],
    );
  });

  it('answers each request of one connection for its own cookies and its own host', () => {
    const asked = (name: string, ...cookies: string[]) => ({ ...request(`https://${name}/`, cookies.join('; ')), connection });
    const { connection } = request('https://a.test/', '');
    const second = written(cookie, 'a.test', 'id-2').pair;
    const found = [
      asked('a.test', pair),
      asked('a.test', pair),
      asked('b.test', pair),
      asked('a.test', second),
      asked('a.test', pair, second),
      asked('a.test'),
      asked('a.test', pair, `long=${'x'.repeat(9_000)}`),
      asked('a.test', pair),
    ].map((inbound) => [cookie.read(inbound), cookie.isContested(inbound)]);
    assert.deepEqual(found, [
      ['id-1', false],
      ['id-1', false],
      [undefined, false],
      ['id-2', false],
      [undefined, true],
      [undefined, false],
      ['id-1', false],
      ['id-1', false],
    ]);
  });

  it('goes by the exact name', () => {
    const value = pair.slice('_pomerium='.length);
    for (const name of ['_Pomerium', '_pomerium_', 'x_pomerium', '_pomeriu'])
      assert.equal(read(cookie, 'a.test', `${name}=${value}`), undefined);
  });

  it('is shared under cookie_domain, by the hosts that the domain covers', () => {
    const shared = cookieOf({ domain: '.Corp.test', sameSite: 'Strict', httpOnly: false });
    const inside = written(shared, 'a.corp.test', 'id-1');
    const outside = written(shared, 'a.corp.test.evil', 'id-1');
    assert.deepEqual(
      [inside.attributes, outside.attributes],
      ['Path=/; Domain=corp.test; Max-Age=90; Secure; SameSite=Strict', 'Path=/; Max-Age=90; Secure; SameSite=Strict'],
    );
    const found = ['b.corp.test', 'corp.test', 'evilcorp.test', 'a.corp.test.evil'].map((name) => read(shared, name, inside.pair));
    assert.deepEqual(found, ['id-1', 'id-1', undefined, undefined]);
    assert.equal(shared.clear(host('a.corp.test')), '_pomerium=; Path=/; Domain=corp.test; Max-Age=0; Secure; SameSite=Strict');
  });
});
