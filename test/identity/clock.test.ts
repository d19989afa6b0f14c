import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { Browser } from './browser.ts';
import type { FakeProvider, Misbehaviour } from './fake-provider.ts';
import { createFakeProvider } from './fake-provider.ts';
import type { House } from './house.ts';
import { app, begin, follow, followTo, openHouse, whoAsks } from './house.ts';

const url = `${app}/page`;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const start = 1_900_000_000_000;

interface Clocked extends AsyncDisposable {
  readonly provider: FakeProvider;
  readonly house: House;
  readonly browser: Browser;
  /** Sets the clock of the machine, by which tokens and sessions are judged. */
  readonly set: (to: number) => void;
}

function open(t: TestContext, store?: Store): Clocked {
  t.mock.timers.enable({ apis: ['Date'], now: start });
  const provider = createFakeProvider();
  const house = openHouse(provider.issuer, { fetch: provider.fetch, ...(store === undefined ? {} : { store }) });
  return {
    provider,
    house,
    browser: new Browser(),
    set(to) {
      house.clock.now = to;
      t.mock.timers.setTime(to);
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
    },
  };
}

/** What the provider would answer to a sign-in that begins now. */
async function answerTo({ provider, house, browser }: Clocked): Promise<string> {
  return provider.answer(await followTo(house.identity, browser, begin(house.identity, browser, url)));
}

async function signIn(clocked: Clocked): Promise<void> {
  const { house, browser } = clocked;
  await followTo(house.identity, browser, await followTo(house.identity, browser, await answerTo(clocked)));
}

describe('clocks that differ', () => {
  const now = start / second;
  const cases: readonly (readonly [what: string, claims: NonNullable<Misbehaviour['claims']>, signsIn: boolean])[] = [
    ['ended 59 s ago', { exp: now - 59 }, true],
    ['ended 61 s ago', { exp: now - 61 }, false],
    ['counts in 59 s', { nbf: now + 59 }, true],
    ['counts in 61 s', { nbf: now + 61 }, false],
    ['is of 59 s from now', { iat: now + 59 }, true],
    ['is of 61 s from now', { iat: now + 61 }, false],
    ['is of ten minutes from now', { iat: now + 600, nbf: now + 600, exp: now + 900 }, false],
    ['ends at no number', { exp: 'never' }, false],
    ['ends never', { exp: undefined }, false],
    ['is of no time', { iat: undefined }, false],
  ];
  for (const [what, claims, signsIn] of cases)
    it(`${signsIn ? 'sign in' : 'do not sign in'} with an ID token that ${what}`, async (t) => {
      await using clocked = open(t);
      clocked.provider.behave({ claims });
      const outcome = await follow(clocked.house.identity, clocked.browser, await answerTo(clocked));
      assert.equal(outcome.kind === 'refused' ? outcome.reason : 'signed in', signsIn ? 'signed in' : 'provider-answer-invalid');
    });

  it('begin a sign-in anew whose state is of the future, by more than a minute', async (t) => {
    const found = [];
    for (const back of [59 * second, 61 * second, hour]) {
      await using clocked = open(t);
      const answer = await answerTo(clocked);
      clocked.set(start - back);
      const outcome = await follow(clocked.house.identity, clocked.browser, answer);
      found.push(outcome.kind === 'redirect' ? outcome.location.split('?')[0] : outcome.reason);
      t.mock.timers.reset();
    }
    // The first went on to the hand-over; its ID token is of the future too, by a second less than counts.
    assert.deepEqual(found, [`${app}/.pomerium/callback/`, url, url]);
  });
});

describe('the clock of the machine, set forward and back', () => {
  it('ends a session at the moment that was set for it, and brings none back', async (t) => {
    await using clocked = open(t);
    const { house, browser, set } = clocked;
    await signIn(clocked);
    const end = start + 14 * hour;
    const ask = async (at: number): Promise<string | undefined> => {
      set(at);
      return whoAsks(house.identity, browser, url);
    };
    const early = [await ask(start + hour), await ask(end - 1), await ask(start + 2 * hour)];
    const late = [await ask(end), await ask(end - hour), await ask(start + hour)];
    assert.deepEqual(
      [early, late],
      [
        ['alice', 'alice', 'alice'],
        [undefined, undefined, undefined],
      ],
    );
    assert.equal(await house.identity.sessionCount(), 0);
  });

  it('does not let a session outlast cookie_expire that was begun by a clock far ahead', async (t) => {
    await using clocked = open(t);
    clocked.set(start + 1_000 * hour);
    await signIn(clocked);
    assert.equal(await whoAsks(clocked.house.identity, clocked.browser, url), 'alice');
    clocked.set(start);
    assert.equal(await whoAsks(clocked.house.identity, clocked.browser, url), undefined);
  });

  it('keeps nobody remembered for longer who was signed out elsewhere', async (t) => {
    await using clocked = open(t);
    const { house, browser, set } = clocked;
    await signIn(clocked);
    set(start + hour);
    assert.equal(await whoAsks(house.identity, browser, url), 'alice');
    const elsewhere = new Browser();
    elsewhere.set(app, '_pomerium', browser.cookie(app, '_pomerium') ?? '');
    await using twin = house.twin();
    await follow(twin, elsewhere, `${app}/.pomerium/sign_out`);
    set(start);
    assert.equal(await whoAsks(house.identity, browser, url), undefined);
  });

  it('brings nobody back who signs out while their session is being read again', async (t) => {
    const memory = openMemoryStore({ now: () => Date.now() });
    let reads: Promise<void> = Promise.resolve();
    const read = memory.get.bind(memory);
    const get: Store['get'] = async (key) => reads.then(async () => read(key));
    await using clocked = open(t, Object.assign(memory, { get }));
    const { house, browser, set } = clocked;
    await signIn(clocked);
    const elsewhere = new Browser();
    elsewhere.set(app, '_pomerium', browser.cookie(app, '_pomerium') ?? '');
    const gate = Promise.withResolvers<void>();
    reads = gate.promise;
    const signingOut = follow(house.identity, browser, `${app}/.pomerium/sign_out`);
    await new Promise((resolve) => setImmediate(resolve));
    // Half a minute later what is remembered is read again.
    set(start + 31 * second);
    const asking = whoAsks(house.identity, elsewhere, url);
    gate.resolve();
    await Promise.all([signingOut, asking]);
    assert.equal(await whoAsks(house.identity, elsewhere, url), undefined);
  });

  it('refuses links that were signed in the future, and begins old ones anew', async (t) => {
    await using clocked = open(t);
    const { house, browser, set } = clocked;
    const link = begin(house.identity, browser, url);
    const at = async (ms: number): Promise<string> => {
      set(ms);
      const outcome = await follow(house.identity, new Browser(), link);
      return outcome.kind === 'refused' ? outcome.reason : (outcome.location.split('?')[0] ?? '');
    };
    assert.deepEqual(
      [await at(start - hour), await at(start - 59 * second), await at(start + 359 * second), await at(start + 361 * second)],
      ['signature-invalid', 'https://idp.example.com/authorize', 'https://idp.example.com/authorize', url],
    );
  });

  it('asks the provider again about a session though the last try seems to lie in the future', async (t) => {
    await using clocked = open(t);
    const { provider, house, browser, set } = clocked;
    await signIn(clocked);
    const refreshes = (): number => provider.tokenRequests.filter((body) => body.get('grant_type') === 'refresh_token').length;
    provider.behave({ down: true });
    set(start + hour);
    await whoAsks(house.identity, browser, url);
    await house.identity[Symbol.asyncDispose]();
    provider.behave({});
    set(start + 10 * minute);
    await whoAsks(house.identity, browser, url);
    await house.identity[Symbol.asyncDispose]();
    assert.deepEqual([refreshes(), await whoAsks(house.identity, browser, url)], [1, 'alice']);
  });
});
