import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderKind } from '../../src/config/settings.ts';
import { Secret } from '../../src/config/secret.ts';
import { Browser } from './browser.ts';
import type { FakeProvider } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';
import { app, authenticate, begin, followTo, openHouse, whoAsks } from './house.ts';
import { client } from './provider-server.ts';

function openAt(provider: FakeProvider, kind: ProviderKind, further: Parameters<typeof openHouse>[1] = {}, anyTenant = false) {
  return openHouse(provider.issuer, {
    fetch: provider.fetch,
    provider: {
      kind,
      issuer: provider.issuer,
      clientId: client.id,
      clientSecret: new Secret(client.secret),
      scopes: ['openid'],
      requestParams: { prompt: 'select_account', state: 'planted', code_challenge_method: 'plain' },
      anyTenant,
    },
    ...further,
  });
}

async function signIn(provider: FakeProvider, house: ReturnType<typeof openHouse>, browser: Browser): Promise<URL> {
  const { identity } = house;
  const url = await followTo(identity, browser, begin(identity, browser, `${app}/`));
  const handOver = await followTo(identity, browser, provider.answer(url));
  await followTo(identity, browser, handOver);
  return new URL(url);
}

async function signOutAt(kind: ProviderKind, further: Parameters<typeof openHouse>[1] = {}): Promise<string> {
  const provider = createFakeProvider();
  provider.behave({ claims: { oid: 'object-id' }, metadata: { end_session_endpoint: undefined } });
  await using house = openAt(provider, kind, further);
  const browser = new Browser();
  await signIn(provider, house, browser);
  return followTo(house.identity, browser, `${app}/.pomerium/sign_out`);
}

describe('idp_request_params', () => {
  it('reach the provider, and never replace what protects the sign-in', async () => {
    const provider = createFakeProvider();
    await using house = openAt(provider, 'oidc');
    const asked = (await signIn(provider, house, new Browser())).searchParams;
    assert.equal(asked.get('prompt'), 'select_account');
    assert.deepEqual([asked.getAll('state').includes('planted'), asked.getAll('code_challenge_method')], [false, ['S256']]);
  });
});

describe('idp_provider: azure', () => {
  it('knows people by their object id', async () => {
    const provider = createFakeProvider();
    provider.behave({ claims: { oid: 'object-id' } });
    await using house = openAt(provider, 'azure');
    const browser = new Browser();
    await signIn(provider, house, browser);
    assert.equal(await whoAsks(house.identity, browser, `${app}/`), 'object-id');
  });
});

async function emailOf(
  claims: Readonly<Record<string, unknown>>,
  userInfo: Readonly<Record<string, unknown>> = {},
): Promise<string | undefined> {
  const provider = createFakeProvider();
  provider.behave({
    claims: { oid: 'object-id', email: 'alice@corp.example', ...claims },
    userInfo: { email: 'alice@corp.example', ...userInfo },
  });
  await using house = openAt(provider, 'azure', {}, true);
  const browser = new Browser();
  await signIn(provider, house, browser);
  const found = house.identity.loadSession(browser.request(`${app}/`));
  assert.equal(found.kind, 'person');
  return found.kind === 'person' ? found.person.email : undefined;
}

describe("a provider whose tenants are anybody's", () => {
  it('is not believed about e-mail addresses, which the administrator of any tenant makes up', async () => {
    assert.equal(await emailOf({}), undefined);
    assert.equal(await emailOf({ email_verified: true }, { email_verified: true }), undefined);
    assert.equal(await emailOf({ xms_edov: 'false' }), undefined);
  });

  it('is believed where the provider proved that the tenant owns the domain', async () => {
    assert.deepEqual([await emailOf({ xms_edov: true }), await emailOf({ xms_edov: '1' })], ['alice@corp.example', 'alice@corp.example']);
  });
});

describe('signing out at a provider without an end-session endpoint', () => {
  it('leads to the page that the provider has instead', async () => {
    const back = encodeURIComponent(`${authenticate}/.pomerium/signed_out`);
    assert.deepEqual(
      [await signOutAt('auth0'), await signOutAt('cognito'), await signOutAt('oidc')],
      [
        `https://idp.example.com/v2/logout?client_id=${client.id}&returnTo=${back}`,
        `https://idp.example.com/logout?client_id=${client.id}&logout_uri=${back}`,
        `${authenticate}/.pomerium/signed_out`,
      ],
    );
  });

  it('leads to signout_redirect_url where there is one', async () => {
    assert.equal(await signOutAt('oidc', { signOutRedirectUrl: new URL('https://www.example.com/bye') }), 'https://www.example.com/bye');
  });
});
