import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { Browser } from './browser.ts';
import type { Misbehaviour } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';
import type { House } from './house.ts';
import { app, begin, follow, followTo, openHouse } from './house.ts';

interface Finished {
  readonly reason: string;
  readonly house: House;
}

/** One sign-in with a provider that does something wrong after the visitor has left for it. */
async function finishWith(misbehaviour: Misbehaviour, changes: Readonly<Record<string, string | undefined>> = {}): Promise<Finished> {
  const provider = createFakeProvider();
  await using house = openHouse(provider.issuer, { fetch: provider.fetch });
  const browser = new Browser();
  if (misbehaviour.metadata !== undefined) provider.behave(misbehaviour);
  const answer = provider.answer(await followTo(house.identity, browser, begin(house.identity, browser, `${app}/`)), changes);
  provider.behave(misbehaviour);
  try {
    const outcome = await follow(house.identity, browser, answer);
    const sessions = await house.identity.sessionCount();
    const reason = outcome.kind === 'refused' ? `${outcome.status} ${outcome.reason}` : 'signed in';
    return { reason: `${reason}, ${sessions} sessions, ${outcome.setCookies?.length ?? 0} cookies`, house };
  } catch (error) {
    return {
      reason: error instanceof ProxyFailure ? `${error.code}, ${await house.identity.sessionCount()} sessions` : String(error),
      house,
    };
  }
}

const refused = '400 provider-answer-invalid, 0 sessions, 0 cookies';
const now = Math.floor(Date.now() / 1000);

describe('finishSignIn()', () => {
  it('opens a session when everything is right', async () => {
    assert.equal((await finishWith({})).reason, 'signed in, 1 sessions, 1 cookies');
  });

  const wrongTokens: Readonly<Record<string, Misbehaviour>> = {
    'another nonce': { claims: { nonce: 'x' } },
    'no nonce': { claims: { nonce: undefined } },
    'another issuer': { claims: { iss: 'https://evil.example' } },
    'another audience': { claims: { aud: 'other' } },
    'several audiences without an authorised party': { claims: { aud: ['postern', 'other'] } },
    'several audiences for another authorised party': { claims: { aud: ['postern', 'other'], azp: 'other' } },
    'a life that is over': { claims: { iat: now - 900, exp: now - 600 } },
    'no subject': { claims: { sub: undefined } },
    'a subject that is no text': { claims: { sub: 7 } },
    'no signature': { header: { alg: 'none' }, signature: 'none' },
    'a signature with the public key as a secret': { header: { alg: 'HS256' }, signature: 'public-key-as-secret' },
    'a signature of another key': { signature: 'other-key' },
    'a signature of a key that is not published': { header: { kid: 'z' }, signature: 'other-key' },
  };
  for (const [what, misbehaviour] of Object.entries(wrongTokens))
    it(`refuses an ID token with ${what}`, async () => {
      assert.equal((await finishWith(misbehaviour)).reason, refused);
    });

  it('refuses an answer without an ID token', async () => {
    assert.equal((await finishWith({ tokens: { id_token: undefined } })).reason, refused);
  });

  it('accepts an ID token from a clock that is half a minute ahead', async () => {
    assert.match((await finishWith({ claims: { iat: now + 30, nbf: now + 30 } })).reason, /^signed in/);
  });

  it('refuses an answer that names another issuer, or none where the provider promises one (RFC 9207)', async () => {
    const another = await finishWith({}, { iss: 'https://evil.example' });
    const none = await finishWith({}, { iss: undefined });
    assert.deepEqual([another.reason, none.reason], [refused, refused]);
  });

  it('refuses an answer without a code', async () => {
    assert.equal((await finishWith({}, { code: undefined })).reason, refused);
  });

  it('refuses a code that the provider does not know', async () => {
    const unknown = await finishWith({ tokenError: { status: 400, error: 'invalid_grant' } });
    assert.equal(unknown.reason, refused);
  });

  it('refuses a code that was put in from another sign-in (PKCE)', async () => {
    const provider = createFakeProvider();
    await using house = openHouse(provider.issuer, { fetch: provider.fetch });
    const [attacker, victim] = [new Browser(), new Browser()];
    const foreign = provider.answer(await followTo(house.identity, victim, begin(house.identity, victim, `${app}/`)));
    const own = await followTo(house.identity, attacker, begin(house.identity, attacker, `${app}/`));
    const outcome = await follow(house.identity, attacker, provider.answer(own, { code: new URL(foreign).searchParams.get('code') ?? '' }));
    assert.deepEqual([outcome.kind === 'refused' && outcome.reason, provider.tokenRequests.length], ['provider-answer-invalid', 1]);
  });

  it('refuses errors of the provider, access_denied as a denial', async () => {
    const other = await finishWith({}, { code: undefined, error: 'server_error', error_description: '<script>alert(1)</script>' });
    const denied = await finishWith({}, { code: undefined, error: 'access_denied' });
    assert.deepEqual(
      [other.reason, denied.reason],
      ['400 provider-error, 0 sessions, 0 cookies', '403 provider-denied, 0 sessions, 0 cookies'],
    );
  });

  it('fails, and says whose fault it is, when the provider is gone or broken or does not know us', async () => {
    const gone = await finishWith({ down: true });
    const broken = await finishWith({ tokenError: { status: 503, error: 'temporarily_unavailable' } });
    const stranger = await finishWith({ tokenError: { status: 401, error: 'invalid_client' } });
    assert.deepEqual(
      [gone.reason, broken.reason, stranger.reason],
      ['provider-unreachable, 0 sessions', 'provider-unreachable, 0 sessions', 'provider-refused, 0 sessions'],
    );
    assert.deepEqual(gone.house.results, ['failed']);
  });

  it('fails when the discovery document is of another issuer', async () => {
    const provider = createFakeProvider();
    provider.behave({ metadata: { issuer: 'https://evil.example' } });
    await using house = openHouse(provider.issuer, { fetch: provider.fetch });
    const browser = new Browser();
    await assert.rejects(
      follow(house.identity, browser, begin(house.identity, browser, `${app}/`)),
      (error: unknown) => error instanceof ProxyFailure && error.code === 'provider-refused',
    );
  });

  it('takes nothing from a user info that speaks of somebody else', async () => {
    const { reason, house } = await finishWith({
      userInfo: { sub: 'mallory', email: 'mallory@example.com' },
      claims: { email: 'a@example.com' },
    });
    assert.equal(reason, 'signed in, 1 sessions, 1 cookies');
    assert.deepEqual(
      house.lines.map(({ level }) => level),
      ['warn'],
    );
  });

  it('keeps tokens, codes and states out of the log', async () => {
    const texts: string[] = [];
    for (const misbehaviour of [
      { claims: { nonce: 'x', secret: 'claim-value' } },
      { tokens: { id_token: 'garbage-token' } },
      { tokens: { token_type: 7 } },
    ]) {
      const { house } = await finishWith(misbehaviour);
      assert.ok(house.lines.length > 0);
      texts.push(inspectAll(house));
    }
    assert.doesNotMatch(texts.join('\n'), /claim-value|garbage-token|access"|refresh-1|code-0|eyJ/);
  });
});

function inspectAll({ lines }: House): string {
  const seen = new Set<unknown>();
  return JSON.stringify(lines, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) return undefined;
      seen.add(value);
    }
    return value instanceof Error ? { ...Object.fromEntries(Object.entries(value)), message: value.message, cause: value.cause } : value;
  });
}
