import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { Browser } from './browser.ts';
import type { FakeProvider, Misbehaviour } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';
import type { House } from './house.ts';
import { app, begin, follow, followTo, openHouse } from './house.ts';

interface Keys extends AsyncDisposable {
  readonly provider: FakeProvider;
  /** How often the keys were asked for. */
  readonly asked: () => number;
  /** One whole sign-in; gives what became of it. */
  readonly signIn: (misbehaviour?: Misbehaviour) => Promise<string>;
  /** Of the house, and of the machine, by which tokens are judged. */
  readonly advance: (ms: number) => void;
}

function open(t: TestContext): Keys {
  t.mock.timers.enable({ apis: ['Date'], now: 1_900_000_000_000 });
  const provider = createFakeProvider();
  let asked = 0;
  const house: House = openHouse(provider.issuer, {
    fetch: async (input, init) => {
      if ((input instanceof Request ? input.url : new URL(input).href).endsWith('/jwks')) asked += 1;
      return provider.fetch(input, init);
    },
  });
  return {
    provider,
    asked: () => asked,
    async signIn(misbehaviour = {}) {
      const browser = new Browser();
      const atProvider = await followTo(house.identity, browser, begin(house.identity, browser, `${app}/`));
      provider.behave(misbehaviour);
      const outcome = await follow(house.identity, browser, provider.answer(atProvider)).catch((error: unknown) => String(error));
      if (typeof outcome === 'string') return outcome;
      return outcome.kind === 'refused' ? outcome.reason : 'signed in';
    },
    advance(ms) {
      house.clock.now += ms;
      t.mock.timers.tick(ms);
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
    },
  };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('the keys of the provider', () => {
  it('are asked for once by all who come back at the same time, and again after five minutes', async (t) => {
    await using keys = open(t);
    const all = await Promise.all(Array.from({ length: 20 }, async () => keys.signIn()));
    assert.deepEqual([[...new Set(all)], keys.asked()], [['signed in'], 1]);
    keys.advance(299_000);
    await keys.signIn();
    assert.equal(keys.asked(), 1);
    keys.advance(1_000);
    await keys.signIn();
    assert.equal(keys.asked(), 2);
  });

  it('may be replaced by others, which are known within a minute', async (t) => {
    await using keys = open(t);
    assert.equal(await keys.signIn(), 'signed in');
    keys.advance(61_000);
    assert.equal(await keys.signIn({ rotated: true }), 'signed in');
    assert.equal(await keys.signIn(), 'provider-answer-invalid', 'the old ones count no more');
  });

  it('are not asked for by every token that names one nobody knows', async (t) => {
    await using keys = open(t);
    await keys.signIn();
    keys.advance(61_000);
    const unknown: Misbehaviour = { header: { kid: 'nobody' }, signature: 'other-key' };
    for (let count = 0; count < 50; count += 1) assert.equal(await keys.signIn(unknown), 'provider-answer-invalid');
    assert.equal(keys.asked(), 2);
  });

  it('are found where discovery says, whatever a token says', async (t) => {
    await using keys = open(t);
    const headers = [
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/chain' },
      { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } },
      { kid: '../../../../dev/null' },
      { kid: 'https://evil.example/jwks' },
      { kid: 7 },
      { crit: ['exp'], exp: 1 },
      { b64: false, crit: ['b64'] },
      { zip: 'DEF' },
    ];
    for (const header of headers)
      assert.equal(await keys.signIn({ header, signature: 'other-key' }), 'provider-answer-invalid', JSON.stringify(header));
  });

  it('are good for RS256 alone, where the provider names worse beside it', async (t) => {
    await using keys = open(t);
    const metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'PS256', 'RS256'] };
    const worse: readonly Misbehaviour[] = [
      { header: { alg: 'none' }, signature: 'none' },
      { header: { alg: 'None' }, signature: 'none' },
      { header: { alg: 'HS256' }, signature: 'public-key-as-secret' },
      { header: { alg: 'PS256' } },
      { header: { alg: 'ES256' } },
      { header: { alg: undefined } },
    ];
    for (const misbehaviour of worse)
      assert.equal(await keys.signIn({ ...misbehaviour, metadata }), 'provider-answer-invalid', JSON.stringify(misbehaviour));
  });

  it('make a fault that others meet as well when they can not be read', async (t) => {
    await using keys = open(t);
    assert.match(await keys.signIn({ jwksStatus: 503 }), /does not answer/);
    assert.equal(await keys.signIn(), 'signed in');
  });

  const zeros = Buffer.alloc(64).toString('base64url');
  const garbage: Readonly<Record<string, string>> = {
    nothing: '',
    'two parts': 'e30.e30',
    'four parts': 'e30.e30.e30.e30',
    'an encrypted token that is a bomb': `${part({ alg: 'RSA-OAEP', enc: 'A256GCM', zip: 'DEF' })}.AA.AA.AA.AA`,
    'a signature of zeros': `${part({ alg: 'ES256', kid: 'k' })}.${part({ iss: 'https://idp.example.com' })}.${zeros}`,
    'a list': `${part([])}.${part([])}.AA`,
    'no JSON': 'AAAA.AAAA.AAAA',
    'a megabyte': 'A'.repeat(1_048_576),
    'a megabyte in the header': `${part({ alg: 'RS256', kid: 'k'.repeat(1_048_576) })}.e30.AA`,
  };
  for (const [what, idToken] of Object.entries(garbage))
    it(`open nothing that is no token: ${what}`, async (t) => {
      await using keys = open(t);
      assert.equal(await keys.signIn({ idToken }), 'provider-answer-invalid');
    });
});
