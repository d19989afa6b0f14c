import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Identity, IdentityOptions } from '../../src/identity/create-identity.ts';
import type { Person } from '../../src/identity/person.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { Browser } from './browser.ts';
import type { FakeProvider, Misbehaviour } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';
import type { House } from './house.ts';
import { app, begin, follow, followTo, openHouse, whoAsks } from './house.ts';

const url = `${app}/`;
const minute = 60_000;

interface SignedIn {
  readonly provider: FakeProvider;
  readonly house: House;
  readonly browser: Browser;
}

/** Somebody whose access token lasts five minutes. */
async function signedIn(misbehaviour: Misbehaviour = {}, changes: Partial<IdentityOptions> = {}): Promise<SignedIn> {
  const provider = createFakeProvider();
  provider.behave(misbehaviour);
  const house = openHouse(provider.issuer, { fetch: provider.fetch, ...changes });
  const browser = new Browser();
  const answer = provider.answer(await followTo(house.identity, browser, begin(house.identity, browser, url)));
  await followTo(house.identity, browser, await followTo(house.identity, browser, answer));
  provider.behave({});
  return { provider, house, browser };
}

function refreshes({ tokenRequests }: FakeProvider): readonly (string | null)[] {
  return tokenRequests.filter((body) => body.get('grant_type') === 'refresh_token').map((body) => body.get('refresh_token'));
}

async function personOf(identity: Identity, browser: Browser): Promise<Person | undefined> {
  await whoAsks(identity, browser, url);
  const found = identity.loadSession(browser.request(url));
  return found.kind === 'person' ? found.person : undefined;
}

/** Disposing an identity waits for what it has under way. */
async function settled(identity: Identity): Promise<void> {
  await identity[Symbol.asyncDispose]();
}

describe('createSessionRefresher()', () => {
  it('leaves a session alone while its access token is good', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    house.clock.now += 4 * minute;
    await whoAsks(house.identity, browser, url);
    await settled(house.identity);
    assert.deepEqual(refreshes(provider), []);
  });

  it('asks again once for many requests, beside them, and uses what the provider says now', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    const before = await personOf(house.identity, browser);
    provider.behave({ userInfo: { email: 'alice@new.example', groups: ['staff'] } });
    house.clock.now += 5 * minute;
    const during = [];
    for (let count = 0; count < 5; count += 1) during.push(await personOf(house.identity, browser));
    await settled(house.identity);
    const after = await personOf(house.identity, browser);
    assert.deepEqual(refreshes(provider), ['refresh-1']);
    assert.deepEqual([...new Set(during.map((person) => person?.email))], [before?.email]);
    assert.deepEqual([after?.email, after?.claims.get('groups'), after?.expiresAt], ['alice@new.example', ['staff'], before?.expiresAt]);
    house.clock.now += 5 * minute;
    await whoAsks(house.identity, browser, url);
    await settled(house.identity);
    assert.deepEqual(refreshes(provider), ['refresh-1', 'refresh-2']);
  });

  it('makes one of two processes ask, and the other learn from it', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    await using twin = house.twin();
    house.clock.now += 5 * minute;
    provider.behave({ userInfo: { email: 'alice@new.example' } });
    await Promise.all([whoAsks(house.identity, browser, url), whoAsks(twin, browser, url)]);
    await Promise.all([settled(house.identity), settled(twin)]);
    house.clock.now += minute;
    const emails = [(await personOf(house.identity, browser))?.email, (await personOf(twin, browser))?.email];
    assert.deepEqual([refreshes(provider), emails], [['refresh-1'], ['alice@new.example', 'alice@new.example']]);
  });

  it('makes one of two processes with one database ask, though each has many requests', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postern-refresh-'));
    const clock = { now: Date.now() };
    const stores = [1, 2].map(() => openSqliteStore({ directory, now: () => clock.now }));
    const [own, other] = stores;
    if (own === undefined || other === undefined) return assert.fail();
    const { provider, house, browser } = await signedIn({}, { store: own, now: () => clock.now });
    await using twin = house.twin({ store: other });
    clock.now += 5 * minute;
    const ask = async (identity: Identity): Promise<unknown> =>
      Promise.all(Array.from({ length: 20 }, async () => whoAsks(identity, browser, url)));
    await Promise.all([ask(house.identity), ask(twin)]);
    await Promise.all([settled(house.identity), settled(twin)]);
    assert.deepEqual(refreshes(provider), ['refresh-1']);
    await house[Symbol.asyncDispose]();
    for (const store of stores) await store[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  it('goes on after a process that ended while it asked: a minute later another one asks', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    const person = await personOf(house.identity, browser);
    house.clock.now += 5 * minute;
    await house.store.add(`refreshing/${person?.sessionId ?? ''}`, new Uint8Array(), house.clock.now + minute);
    const asked = [];
    for (const seconds of [0, 31, 31]) {
      house.clock.now += seconds * 1_000;
      assert.equal(await whoAsks(house.identity, browser, url), 'alice');
      await settled(house.identity);
      asked.push(refreshes(provider).length);
    }
    assert.deepEqual(asked, [0, 0, 1]);
  });

  it('keeps the refresh token when the provider gives no new one', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    provider.behave({ tokens: { refresh_token: undefined, id_token: undefined } });
    for (let count = 0; count < 2; count += 1) {
      house.clock.now += 5 * minute;
      await whoAsks(house.identity, browser, url);
      await settled(house.identity);
    }
    assert.deepEqual(refreshes(provider), ['refresh-1', 'refresh-1']);
  });

  it('lets a session without a refresh token live until it expires', async () => {
    const { provider, house, browser } = await signedIn({ tokens: { refresh_token: undefined } });
    await using _ = house;
    house.clock.now += 14 * 60 * minute - 1;
    const last = await whoAsks(house.identity, browser, url);
    house.clock.now += 1;
    assert.deepEqual([last, await whoAsks(house.identity, browser, url), refreshes(provider)], ['alice', undefined, []]);
  });

  it('ends the session when the provider refuses', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    provider.behave({ tokenError: { status: 400, error: 'invalid_grant' } });
    house.clock.now += 5 * minute;
    await whoAsks(house.identity, browser, url);
    await settled(house.identity);
    assert.deepEqual([await whoAsks(house.identity, browser, url), await house.identity.sessionCount()], [undefined, 0]);
  });

  it('ends the session when the provider speaks of somebody else', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    provider.behave({ claims: { sub: 'mallory' } });
    house.clock.now += 5 * minute;
    await whoAsks(house.identity, browser, url);
    await settled(house.identity);
    assert.equal(await whoAsks(house.identity, browser, url), undefined);
  });

  it('lets the session live while the provider is down or confused, and tries again after half a minute', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    house.clock.now += 5 * minute;
    const people = [];
    for (const misbehaviour of [
      { down: true },
      { tokenError: { status: 500, error: 'server_error' } },
      { tokenError: { status: 401, error: 'invalid_client' } },
    ]) {
      provider.behave(misbehaviour);
      for (let count = 0; count < 3; count += 1) {
        people.push(await whoAsks(house.identity, browser, url));
        await settled(house.identity);
      }
      house.clock.now += minute / 2;
    }
    assert.deepEqual([[...new Set(people)], refreshes(provider).length], [['alice'], 2]);
    provider.behave({});
    await whoAsks(house.identity, browser, url);
    await settled(house.identity);
    assert.deepEqual([refreshes(provider).length, await whoAsks(house.identity, browser, url)], [3, 'alice']);
  });

  it('never brings a session back that was ended while the provider was asked', async () => {
    const { provider, house, browser } = await signedIn();
    await using _ = house;
    const stolen = new Browser();
    stolen.set(app, '_pomerium', browser.cookie(app, '_pomerium') ?? '');
    house.clock.now += 5 * minute;
    const held = Promise.withResolvers<undefined>();
    const reached = new Promise<void>((resolve) => {
      provider.hold = async () => {
        resolve();
        await held.promise;
      };
    });
    await whoAsks(house.identity, browser, url);
    await reached;
    await follow(house.identity, browser, `${app}/.pomerium/sign_out`);
    held.resolve(undefined);
    await settled(house.identity);
    await using twin = house.twin();
    assert.deepEqual(
      [await whoAsks(house.identity, stolen, url), await whoAsks(twin, stolen, url), await house.identity.sessionCount()],
      [undefined, undefined, 0],
    );
  });
});
