import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Identity } from '../../src/identity/create-identity.ts';
import { Browser } from './browser.ts';
import type { House } from './house.ts';
import { app, authenticate, followTo, openHouse, other } from './house.ts';
import type { ProviderServer } from './provider-server.ts';
import { followProvider, openProvider } from './provider-server.ts';
import { request } from './request.ts';

const minute = 60_000;
let provider: ProviderServer;
before(async () => {
  provider = await openProvider(authenticate);
});
after(async () => provider[Symbol.asyncDispose]());

function open(): House {
  return openHouse(provider.issuer, { redirectHosts: ['localhost'] });
}

function urlOf(identity: Identity, at = app): string {
  const begun = identity.beginLogin(request(`${at}/.pomerium/api/v1/login?pomerium_redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F`));
  return begun.kind === 'url' ? begun.url : assert.fail(begun.kind);
}

async function finish(identity: Identity, browser: Browser, url: string): Promise<string> {
  const outcome = await identity.finishLogin(browser.request(url));
  browser.keep(url, outcome.setCookies ?? []);
  return outcome.kind === 'redirect' ? outcome.location : outcome.reason;
}

/** Over the provider and back; gives the URL that the browser comes back to. */
async function signIn(identity: Identity, browser: Browser, start: string): Promise<string> {
  const callback = await followProvider(provider, browser, await followTo(identity, browser, start));
  return followTo(identity, browser, await followTo(identity, browser, callback));
}

describe('a programmatic login', () => {
  it('begins within five minutes, and may then take longer', async () => {
    await using house = open();
    const { identity, clock } = house;
    const browser = new Browser();
    const [early, late] = [urlOf(identity), urlOf(identity)];
    clock.now += 5 * minute;
    const start = await finish(identity, browser, early);
    clock.now += 2 * minute;
    assert.equal(await finish(identity, new Browser(), late), 'login-url-expired');
    const back = await signIn(identity, browser, start);
    assert.match(await finish(identity, browser, back), /^http:\/\/127\.0\.0\.1:9\/\?pomerium_jwt=eyJ/);
    assert.deepEqual(
      [await finish(identity, browser, back), await finish(identity, browser, early)],
      ['login-url-used', 'login-url-expired'],
    );
  });

  it('ends a quarter of an hour after it began', async () => {
    await using house = open();
    const { identity, clock } = house;
    const browser = new Browser();
    const back = await signIn(identity, browser, await finish(identity, browser, urlOf(identity)));
    clock.now += 15 * minute + 1;
    assert.equal(await finish(identity, browser, back), 'login-url-expired');
  });

  it('gives nothing to a socket, which any page may open and no person looks at', async () => {
    await using house = open();
    const { identity } = house;
    const browser = new Browser();
    const back = await signIn(identity, browser, await finish(identity, browser, urlOf(identity)));
    const socket = await identity.finishLogin({ ...browser.request(back), upgrade: 'websocket' });
    assert.equal(socket.kind === 'refused' && socket.reason, 'login-url-embedded');
    assert.match(await finish(identity, browser, back), /pomerium_jwt=/, 'and does not spend the URL');
  });

  it('gives a token for the host where it began', async () => {
    await using house = open();
    const { identity } = house;
    const browser = new Browser();
    const back = await signIn(identity, browser, await finish(identity, browser, urlOf(identity, other)));
    const token = new URL(await finish(identity, browser, back)).searchParams.get('pomerium_jwt') ?? '';
    const kinds = [];
    for (const host of [other, app, authenticate]) {
      const asked = { ...request(`${host}/`), headers: ['Authorization', `Pomerium ${token}`] };
      const found = identity.loadSession(asked);
      kinds.push(found.kind);
    }
    assert.deepEqual(kinds, ['person', 'refused', 'refused']);
  });

  it('is not there where nobody can sign in, nor where no host is on the list', async () => {
    await using house = open();
    const asked = request(`${app}/.pomerium/api/v1/login?pomerium_redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F`);
    const without = house.twin({ provider: undefined, authenticate: undefined }).beginLogin(asked);
    const unlisted = house.twin({ redirectHosts: [] });
    const url = urlOf(house.identity);
    assert.deepEqual(
      [without.kind, unlisted.beginLogin(asked).kind, await finish(unlisted, new Browser(), url)],
      ['nothing', 'refused', 'redirect-refused'],
    );
  });
});
