import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BearerSettings } from '../../src/config/bearer-settings.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import type { Identity, IdentityOptions, SessionLookup } from '../../src/identity/create-identity.ts';
import { Browser } from './browser.ts';
import type { House } from './house.ts';
import { app, authenticate, begin, followTo, openHouse } from './house.ts';
import type { ProviderServer } from './provider-server.ts';
import { followProvider, openProvider } from './provider-server.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { openTokenIssuer } from './token-issuer.ts';

const jwt: BearerSettings = { format: 'jwt', audiences: [], issuers: undefined };

function withToken(inbound: Inbound, token: string): Inbound {
  return { ...inbound, headers: [...inbound.headers, 'Authorization', `Bearer ${token}`] };
}

/** As the walk does: it waits once. */
async function afterOneWait(identity: Identity, inbound: Inbound): Promise<readonly SessionLookup[]> {
  const first = identity.loadSession(inbound, jwt);
  if (first.kind === 'loading') await first.until;
  return [first, identity.loadSession(inbound, jwt)];
}

describe('loadSession()', () => {
  let provider: ProviderServer;
  let issuer: TokenIssuer;
  let settings: Partial<IdentityOptions>;

  before(async () => {
    [provider, issuer] = await Promise.all([openProvider(authenticate), openTokenIssuer()]);
    settings = {
      tokenIssuers: [
        { name: 'robots', issuer: issuer.issuer, jwksUrl: undefined, algorithms: ['RS256'], audiences: ['https://api.example'] },
      ],
    };
  });
  after(async () => {
    await provider[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  async function signedIn(house: House): Promise<Browser> {
    const browser = new Browser();
    const atProvider = await followTo(house.identity, browser, begin(house.identity, browser, `${app}/`));
    const handOver = await followTo(house.identity, browser, await followProvider(provider, browser, atProvider));
    await followTo(house.identity, browser, handOver);
    return browser;
  }

  it('waits once for the session of the cookie and for the token after it', async () => {
    await using house = openHouse(provider.issuer, settings);
    const browser = await signedIn(house);
    const inbound = withToken(browser.request(`${app}/`), await issuer.sign());
    await house.identity.signOut(browser.request(`${app}/`));
    const kinds = (await afterOneWait(house.twin(), inbound)).map((found) => (found.kind === 'person' ? found.person.id : found.kind));
    assert.deepEqual(kinds, ['loading', 'robots/alice']);
  });

  it('does not ask about a token beside a session', async () => {
    await using house = openHouse(provider.issuer, settings);
    const browser = await signedIn(house);
    const read = issuer.keysRead;
    const inbound = withToken(browser.request(`${app}/`), await issuer.sign());
    const kinds = (await afterOneWait(house.twin(), inbound)).map((found) => (found.kind === 'person' ? found.person.id : found.kind));
    assert.deepEqual([kinds, issuer.keysRead - read], [['loading', 'alice'], 0]);
  });

  it('takes a token where no provider is configured at all', async () => {
    await using house = openHouse(provider.issuer, { ...settings, provider: undefined, authenticate: undefined });
    const [, found] = await afterOneWait(house.identity, withToken(new Browser().request(`${app}/`), await issuer.sign()));
    assert.equal(found?.kind === 'person' && found.person.id, 'robots/alice');
    for (const format of ['idp_access_token', 'idp_identity_token'] as const) {
      const asked = withToken(new Browser().request(`${app}/`), await issuer.sign());
      const first = house.identity.loadSession(asked, { ...jwt, format });
      if (first.kind === 'loading') await first.until;
      assert.deepEqual(house.identity.loadSession(asked, { ...jwt, format }), { kind: 'refused', credential: 'bearer-token' });
    }
  });

  it('looks at no token where nobody said which', async () => {
    await using house = openHouse(provider.issuer, settings);
    const inbound = withToken(new Browser().request(`${app}/`), await issuer.sign());
    assert.deepEqual(house.identity.loadSession(inbound), { kind: 'nobody' });
  });

  it('gives the token of the provider to nobody but its own person', async () => {
    await using house = openHouse(provider.issuer, settings);
    const [, found] = await afterOneWait(house.identity, withToken(new Browser().request(`${app}/`), await issuer.sign()));
    const person = found?.kind === 'person' ? found.person : assert.fail();
    assert.deepEqual(house.identity.tokensOf(person), { accessToken: '', idToken: '' });
  });
});
