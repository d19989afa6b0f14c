import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { JwtVerifier } from 'aws-jwt-verify';
import type { ClaimHeader } from '../../src/config/settings.ts';
import { isFieldValue } from '../../src/http/header-list.ts';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import { createIdentityHeaders } from '../../src/identity/identity-headers.ts';
import type { ClaimValue, Person } from '../../src/identity/person.ts';
import type { SigningKeys } from '../../src/identity/signing-keys.ts';
import { readSigningKeys } from '../../src/identity/signing-keys.ts';

const host = parseHostname('app.example.com') ?? assert.fail();

const alice: Person = {
  id: 'u1',
  email: 'alice@example.com',
  name: 'Alice Łąka',
  claims: new Map<string, readonly ClaimValue[]>([
    ['groups', ['admins', 'staff']],
    ['level', [3]],
    ['iss', ['https://idp.example.com']],
    ['email', ['spoofed@example.com']],
    ['evil', ['a\r\nX-Admin: 1\u0000', null, true]],
  ]),
  sessionId: 's1',
  expiresAt: 0,
};
const stranger: Person = { id: 'u2', email: undefined, name: undefined, claims: new Map(), sessionId: undefined, expiresAt: 0 };

async function keysOf(type: 'derived' | 'rsa'): Promise<SigningKeys> {
  const text = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  const result = await readSigningKeys(type === 'rsa' ? { pem: { text, label: 'k', path: [] } } : { sharedSecrets: [Buffer.alloc(32, 1)] });
  return result.ok ? result.keys : assert.fail();
}

const derived = await keysOf('derived');

function decode(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

function open(claimHeaders: readonly ClaimHeader[] = [], clock = { now: Date.now() }): ReturnType<typeof createIdentityHeaders> {
  return createIdentityHeaders({ signingKeys: derived, claimHeaders, now: () => clock.now });
}

describe('assertionFor()', () => {
  for (const type of ['derived', 'rsa'] as const)
    it(`is accepted by another library (${type} key)`, async () => {
      const signingKeys = await keysOf(type);
      const token = createIdentityHeaders({ signingKeys, claimHeaders: [], now: () => Date.now() }).assertionFor(alice, host, 'hostOnly');
      const verifier = JwtVerifier.create({ issuer: host, audience: host, jwksUri: `https://${host}/.well-known/pomerium/jwks.json` });
      verifier.cacheJwks(JSON.parse(signingKeys.jwks.body) as Parameters<typeof verifier.cacheJwks>[0]);
      assert.equal((await verifier.verify(token)).sub, 'u1');
    });

  it('holds the claims of a Pomerium assertion', () => {
    const token = open(
      [
        { header: 'X-Level', claim: 'level' },
        { header: 'X-None', claim: 'none' },
        { header: 'X-Issuer', claim: 'iss' },
      ],
      { now: 1_700_000_000_999 },
    ).assertionFor(alice, host, 'hostOnly');
    const { jti, ...claims } = decode(token, 1);
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    assert.deepEqual(decode(token, 0), { alg: 'ES256', kid: derived.signer.kid, typ: 'JWT' });
    assert.deepEqual(claims, {
      iss: 'app.example.com',
      aud: 'app.example.com',
      iat: 1_700_000_000,
      exp: 1_700_000_300,
      sub: 'u1',
      user: 'u1',
      email: 'alice@example.com',
      name: 'Alice Łąka',
      sid: 's1',
      groups: ['admins', 'staff'],
      level: '3',
      none: '',
    });
  });

  it('leaves out what is not known, and always has a list of groups', () => {
    const { jti: _, iat: __, exp: ___, ...claims } = decode(open().assertionFor(stranger, host, 'hostOnly'), 1);
    assert.deepEqual(claims, { iss: host, aud: host, sub: 'u2', user: 'u2', groups: [] });
  });

  it('is signed once for a person and a host, and again after two minutes', () => {
    const clock = { now: 1_700_000_000_000 };
    const headers = open([], clock);
    const other = parseHostname('other.example.com') ?? assert.fail();
    const first = headers.assertionFor(alice, host, 'hostOnly');
    clock.now += 119_999;
    assert.equal(headers.assertionFor(alice, host, 'hostOnly'), first);
    assert.notEqual(headers.assertionFor(alice, other, 'hostOnly'), first);
    assert.notEqual(headers.assertionFor({ ...alice }, host, 'hostOnly'), first);
    clock.now += 1;
    assert.notEqual(headers.assertionFor(alice, host, 'hostOnly'), first);
  });

  it('is made anew when the clock was set back', () => {
    const clock = { now: 1_700_000_000_000 };
    const headers = open([], clock);
    headers.assertionFor(alice, host, 'hostOnly');
    clock.now -= 1_000;
    assert.equal(decode(headers.assertionFor(alice, host, 'hostOnly'), 1)['iat'], 1_699_999_999);
  });

  it('remembers a bounded number of hosts for one person', () => {
    const headers = open();
    const first = headers.assertionFor(alice, host, 'hostOnly');
    for (let index = 0; index < 64; index += 1) headers.assertionFor(alice, `h${index}.example.com` as Hostname, 'hostOnly');
    assert.notEqual(headers.assertionFor(alice, host, 'hostOnly'), first);
  });

  it('remembers a bounded amount for all people together, and drops first what was signed first', () => {
    const headers = open([{ header: 'X-Groups', claim: 'groups' }]);
    // Each takes up more than 2 MiB, so 10 MiB do not hold eight of them.
    const people = Array.from({ length: 8 }, (_, number): Person => {
      return { ...alice, id: `u${number}`, claims: new Map([['groups', ['x'.repeat(2 ** 20)]]]) };
    });
    const first = people.map((person) => headers.assertionFor(person, host, 'hostOnly'));
    const again = people.toReversed().map((person) => headers.assertionFor(person, host, 'hostOnly') === first[Number(person.id.slice(1))]);
    assert.deepEqual([again[0], again.includes(false)], [true, true], 'the newest is still there, and not all are');
  });
});

describe('headersFor()', () => {
  const claimHeaders = ['email', 'groups', 'level', 'name', 'user', 'evil', 'none'].map((claim) => ({ header: `X-Claim-${claim}`, claim }));

  it('says nothing about nobody', () => {
    assert.deepEqual(open(claimHeaders).headersFor(undefined, host, 'hostOnly'), []);
  });

  it('sends every configured claim of somebody, empty when there is none', () => {
    const headers = open(claimHeaders);
    const [name, assertion, ...claims] = headers.headersFor(alice, host, 'hostOnly');
    assert.deepEqual([name, assertion], ['X-Pomerium-Jwt-Assertion', headers.assertionFor(alice, host, 'hostOnly')]);
    assert.deepEqual(claims, [
      'X-Claim-email',
      'alice@example.com',
      'X-Claim-groups',
      'admins,staff',
      'X-Claim-level',
      '3',
      'X-Claim-name',
      Buffer.from('Alice Łąka').toString('latin1'),
      'X-Claim-user',
      'u1',
      'X-Claim-evil',
      'a X-Admin: 1 ,,true',
      'X-Claim-none',
      '',
    ]);
    assert.ok(claims.every(isFieldValue));
  });
});
