import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { IssuerKeys } from '../../src/identity/issuer-keys.ts';
import { createIssuerKeys, discoverKeysUrl } from '../../src/identity/issuer-keys.ts';
import { verifyJwt } from '../../src/identity/verify-jwt.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { openTokenIssuer } from './token-issuer.ts';

const minute = 60_000;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('createIssuerKeys()', () => {
  let issuer: TokenIssuer;
  let clock: { now: number };
  let keys: IssuerKeys;

  before(async () => {
    issuer = await openTokenIssuer();
  });
  after(() => issuer[Symbol.asyncDispose]());
  beforeEach(() => {
    clock = { now: Date.now() };
    Object.assign(issuer, { keysRead: 0, down: false, instead: undefined });
    keys = createIssuerKeys({
      issuer: issuer.issuer,
      fetch,
      now: () => clock.now,
      log: silent,
      locate: () => discoverKeysUrl(issuer.issuer, fetch),
    });
  });

  async function subjectOf(token: string): Promise<string | undefined> {
    const rules = {
      issuer: issuer.issuer,
      audiences: ['https://api.example'],
      algorithms: ['RS256', 'ES256'],
      types: ['jwt'],
      keys,
    } as const;
    const claims = await verifyJwt(token, { ...rules, at: clock.now });
    return claims?.sub;
  }

  it('reads a key set once for ten minutes, and for all who ask at the same time', async () => {
    const token = await issuer.sign();
    await Promise.all([subjectOf(token), subjectOf(token), subjectOf(token)]);
    clock.now += 9 * minute;
    await subjectOf(token);
    assert.equal(issuer.keysRead, 1);
    clock.now += minute;
    assert.deepEqual([await subjectOf(token), issuer.keysRead], ['alice', 2]);
  });

  it('reads it again for a key it does not know, at most once a minute', async () => {
    await subjectOf(await issuer.sign());
    const fresh = await issuer.signWithNewKey();
    assert.deepEqual([await subjectOf(fresh), issuer.keysRead], [undefined, 1]);
    clock.now += minute;
    assert.deepEqual([await subjectOf(fresh), await subjectOf(fresh), issuer.keysRead], [undefined, undefined, 2]);
    issuer.publishNewKey();
    clock.now += minute;
    assert.deepEqual([await subjectOf(fresh), await subjectOf(await issuer.sign()), issuer.keysRead], ['alice', 'alice', 3]);
  });

  it('uses what it knows for an hour while the issuer is down, and then nothing', async () => {
    const token = await issuer.sign({ exp: Math.floor(clock.now / 1000) + 86_400 });
    await subjectOf(token);
    issuer.down = true;
    clock.now += 59 * minute;
    assert.equal(await subjectOf(token), 'alice');
    clock.now += minute;
    await assert.rejects(subjectOf(token), ProxyFailure);
  });

  it('tries an issuer that is down every five seconds', async () => {
    issuer.down = true;
    const token = await issuer.sign();
    const failures = [];
    for (let second = 0; second < 10; second += 1) {
      failures.push(await subjectOf(token).catch((error: unknown) => error instanceof ProxyFailure && error.code));
      clock.now += 1000;
    }
    assert.deepEqual(new Set(failures), new Set(['provider-unreachable']));
    issuer.down = false;
    assert.deepEqual([await subjectOf(token), issuer.keysRead], ['alice', 1]);
  });

  it('takes no key set that is none, or larger than a key set is', async () => {
    for (const instead of ['', '[]', '{"keys":7}', '<html>', `{"keys":[${'{},'.repeat(300_000)}{}]}`]) {
      issuer.instead = instead;
      clock.now += minute;
      await assert.rejects(subjectOf(await issuer.sign()), ProxyFailure, instead.slice(0, 20));
    }
  });

  it('takes no secret for a public key', async () => {
    issuer.instead = JSON.stringify({
      keys: [{ kty: 'oct', k: Buffer.alloc(32).toString('base64url'), kid: 'old', alg: 'RS256' }, null, 'x'],
    });
    assert.equal(await subjectOf(await issuer.sign()), undefined);
  });
});

function answering(document: unknown, status = 200): typeof fetch {
  return async () => Response.json(document, { status });
}

describe('discoverKeysUrl()', () => {
  it('believes a document that names this very issuer, and keys that come as safely', async () => {
    const good = await discoverKeysUrl(
      'https://a.example/x',
      answering({ issuer: 'https://a.example/x', jwks_uri: 'https://b.example/k' }),
    );
    assert.equal(good.href, 'https://b.example/k');
    for (const wrong of [
      {},
      [],
      { issuer: 'https://evil.example', jwks_uri: 'https://a.example/k' },
      { issuer: 'https://a.example/x/', jwks_uri: 'https://a.example/k' },
      { issuer: 'https://a.example/x' },
      { issuer: 'https://a.example/x', jwks_uri: 'k' },
      { issuer: 'https://a.example/x', jwks_uri: 'http://a.example/k' },
      { issuer: 'https://a.example/x', jwks_uri: 'file:///etc/keys' },
    ])
      await assert.rejects(discoverKeysUrl('https://a.example/x', answering(wrong)), ProxyFailure, JSON.stringify(wrong));
    await assert.rejects(discoverKeysUrl('https://a.example', answering({}, 404)), ProxyFailure);
    const local = 'http://127.0.0.1:8';
    await assert.rejects(discoverKeysUrl(local, answering({ issuer: local, jwks_uri: 'http://a.example/k' })), ProxyFailure);
    const beside = await discoverKeysUrl(local, answering({ issuer: local, jwks_uri: 'http://localhost:9/k' }));
    assert.equal(beside.href, 'http://localhost:9/k');
  });
});
