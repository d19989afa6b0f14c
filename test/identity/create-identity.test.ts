import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { Identity } from '../../src/identity/create-identity.ts';
import { Browser } from './browser.ts';
import { app, authenticate, begin, follow, followTo, openHouse, other, whoAsks } from './house.ts';
import type { ProviderServer } from './provider-server.ts';
import { followProvider, openProvider } from './provider-server.ts';

let provider: ProviderServer;
before(async () => {
  provider = await openProvider(authenticate);
});
after(async () => provider[Symbol.asyncDispose]());

const minute = 60_000;

function isUnreachable(error: unknown): boolean {
  return error instanceof ProxyFailure && error.code === 'provider-unreachable';
}

/** The whole way from a first visit to the page, as a browser goes it. */
async function signInAt(identity: Identity, browser: Browser, url: string): Promise<string> {
  const atProvider = await followTo(identity, browser, begin(identity, browser, url));
  const callback = await followProvider(provider, browser, atProvider);
  const handOver = await followTo(identity, browser, callback);
  return followTo(identity, browser, handOver);
}

/** As far as the provider's answer, which is not followed. */
async function answerFor(identity: Identity, browser: Browser, url: string): Promise<string> {
  return followProvider(provider, browser, await followTo(identity, browser, begin(identity, browser, url)));
}

async function reasonOf(identity: Identity, browser: Browser, url: string): Promise<string> {
  const outcome = await follow(identity, browser, url);
  return outcome.kind === 'refused' ? `${outcome.status} ${outcome.reason} ${outcome.setCookies?.length ?? 0} cookies` : outcome.kind;
}

describe('createIdentity(): signing in', () => {
  it('brings a visitor back to the very URL, as the person of the provider', async () => {
    await using house = openHouse(provider.issuer);
    const { identity, results } = house;
    const browser = new Browser();
    const url = `${other}/a/b;c?x=%2f&y=1+2&&z=%20%C5%BC"`;
    assert.equal(await whoAsks(identity, browser, url), undefined);
    const back = await signInAt(identity, browser, url);
    const found = identity.loadSession(browser.request(url));
    const { sessionId: _, expiresAt, ...person } = found.kind === 'person' ? found.person : assert.fail();
    assert.equal(back, url);
    assert.deepEqual(results, ['ok']);
    assert.equal(expiresAt, house.clock.now + 14 * 60 * minute);
    assert.deepEqual(
      { ...person, claims: Object.fromEntries([...person.claims].filter(([name]) => !['iss', 'aud', 'auth_time'].includes(name))) },
      {
        id: 'alice',
        email: 'alice@example.com',
        name: 'Alice Ω',
        claims: {
          sub: ['alice'],
          email: ['alice@example.com'],
          email_verified: [true],
          name: ['Alice Ω'],
          groups: ['admins', 'staff'],
          'address.country': ['PL'],
        },
      },
    );
  });

  it('asks the provider once for two hosts', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    await signInAt(house.identity, browser, `${app}/`);
    const handOver = await followTo(house.identity, browser, begin(house.identity, browser, `${other}/x`));
    assert.equal(await followTo(house.identity, browser, handOver), `${other}/x`);
    assert.equal(await house.identity.sessionCount(), 1);
  });

  it('finishes sign-ins of several tabs in any order', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const urls = [`${app}/1`, `${app}/2`, `${other}/3`];
    const answers: string[] = [];
    for (const url of urls) answers.push(await answerFor(house.identity, browser, url));
    const backs: string[] = [];
    for (const answer of answers.toReversed())
      backs.push(await followTo(house.identity, browser, await followTo(house.identity, browser, answer)));
    assert.deepEqual(backs, urls.toReversed());
    assert.equal(await house.identity.sessionCount(), 1);
    assert.equal(await whoAsks(house.identity, browser, app + '/'), 'alice');
  });

  it('starts over where another tab replaced the session during the hand-over', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const first = await answerFor(house.identity, browser, `${other}/1`);
    const second = await answerFor(house.identity, browser, `${app}/2`);
    const late = await followTo(house.identity, browser, first);
    await followTo(house.identity, browser, second);
    const outcome = await follow(house.identity, browser, late);
    assert.deepEqual(outcome, { kind: 'redirect', location: `${other}/1`, setCookies: [] });
  });

  it('sets a cookie for this host alone, as long as the session', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const handOver = await followTo(house.identity, browser, await answerFor(house.identity, browser, `${app}/`));
    house.clock.now += minute;
    const { setCookies = [] } = await follow(house.identity, browser, handOver);
    assert.deepEqual(
      setCookies.map((each) => each.replace(/=[\w-]+;/, '=…;')),
      ['_pomerium=…; Path=/; Max-Age=50340; Secure; HttpOnly'],
    );
  });

  it('signs in for the own pages of the authenticate host without a hand-over', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${authenticate}/.pomerium/user`);
    assert.equal(await followTo(house.identity, browser, answer), `${authenticate}/.pomerium/user`);
    assert.equal(await whoAsks(house.identity, browser, `${authenticate}/.pomerium/user`), 'alice');
  });

  it('does not use an address that the provider did not verify', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    provider.account = 'bob';
    await signInAt(house.identity, browser, `${app}/`).finally(() => (provider.account = 'alice'));
    const found = house.identity.loadSession(browser.request(`${app}/`));
    assert.ok(found.kind === 'person');
    assert.deepEqual([found.person.id, found.person.email, found.person.claims.get('email')], ['bob', undefined, undefined]);
    assert.equal(house.lines.filter(({ level }) => level === 'warn').length, 1);
  });

  it('refuses when the provider says that access was denied', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    provider.account = undefined;
    const answer = await answerFor(house.identity, browser, `${app}/`).finally(() => (provider.account = 'alice'));
    assert.equal(await reasonOf(house.identity, browser, answer), '403 provider-denied 0 cookies');
    assert.deepEqual([house.results, await house.identity.sessionCount()], [['refused'], 0]);
  });

  it('fails with the provider, and works again with it', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const start = begin(house.identity, browser, `${app}/`);
    provider.down = true;
    await assert.rejects(follow(house.identity, browser, start), isUnreachable);
    provider.down = false;
    await assert.rejects(follow(house.identity, browser, start), isUnreachable, 'it is left alone for a moment');
    house.clock.now += 5_000;
    const answer = await followProvider(provider, browser, await followTo(house.identity, browser, start));
    provider.down = true;
    await assert.rejects(follow(house.identity, browser, answer), isUnreachable).finally(() => (provider.down = false));
    assert.deepEqual([house.results, await house.identity.sessionCount()], [['failed', 'failed', 'failed'], 0]);
    assert.equal(await signInAt(house.identity, browser, `${app}/`), `${app}/`);
  });

  it('reads the discovery document once for all who come at the same time', async () => {
    await using house = openHouse(provider.issuer);
    const path = '/.well-known/openid-configuration';
    const earlier = provider.requests.get(path) ?? 0;
    const starts = [1, 2, 3].map((index) => ({ browser: new Browser(), url: `${app}/${index}` }));
    await Promise.all(starts.map(async ({ browser, url }) => followTo(house.identity, browser, begin(house.identity, browser, url))));
    assert.equal((provider.requests.get(path) ?? 0) - earlier, 1);
  });

  it('always sends an S256 challenge, a nonce and a state', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const { searchParams } = new URL(await followTo(house.identity, browser, begin(house.identity, browser, `${app}/`)));
    assert.deepEqual(
      {
        method: searchParams.get('code_challenge_method'),
        challenge: searchParams.get('code_challenge')?.length,
        nonce: (searchParams.get('nonce') ?? '').length >= 43,
        state: (searchParams.get('state') ?? '').length > 100,
        redirect: searchParams.get('redirect_uri'),
        scope: searchParams.get('scope'),
        type: searchParams.get('response_type'),
      },
      {
        method: 'S256',
        challenge: 43,
        nonce: true,
        state: true,
        redirect: `${authenticate}/oauth2/callback`,
        scope: 'openid profile email offline_access',
        type: 'code',
      },
    );
  });
});

describe('createIdentity(): the state of a sign-in', () => {
  it('is good once', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${app}/`);
    await followTo(house.identity, browser, answer);
    assert.equal(await reasonOf(house.identity, browser, answer), '400 state-used 0 cookies');
    assert.equal(await house.identity.sessionCount(), 1);
  });

  it('is good in no other process either, once used', async () => {
    await using house = openHouse(provider.issuer);
    await using twin = house.twin();
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${app}/`);
    await followTo(house.identity, browser, answer);
    assert.equal(await reasonOf(twin, browser, answer), '400 state-used 0 cookies');
  });

  it('is of no use to another browser, and is not spent by it', async () => {
    await using house = openHouse(provider.issuer);
    const [attacker, victim] = [new Browser(), new Browser()];
    const answer = await answerFor(house.identity, attacker, `${app}/`);
    const inEmpty = await reasonOf(house.identity, victim, answer);
    await answerFor(house.identity, victim, `${app}/`);
    const inBusy = await reasonOf(house.identity, victim, answer);
    assert.deepEqual([inEmpty, inBusy], ['400 state-other-browser 0 cookies', '400 state-other-browser 0 cookies']);
    assert.equal(await house.identity.sessionCount(), 0);
    await followTo(house.identity, attacker, answer);
  });

  it('is refused when it is missing, doubled, altered, truncated or of another house', async () => {
    await using house = openHouse(provider.issuer);
    await using stranger = openHouse(provider.issuer);
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${app}/`);
    const foreign = await answerFor(stranger.identity, browser, `${app}/`);
    const state = new URL(answer).searchParams.get('state') ?? '';
    const flipped = `${state.slice(0, 40)}${state[40] === 'A' ? 'B' : 'A'}${state.slice(41)}`;
    const reasons: string[] = [];
    for (const query of [
      answer.slice(answer.indexOf('?') + 1).replace(/&?state=[^&]*/, ''),
      `code=x&state=`,
      `code=x&state=${state}&state=${state}`,
      `code=x&state=${flipped}`,
      `code=x&state=${state.slice(0, -1)}`,
      `code=x&state=${state}%3D`,
      `code=x&state=${new URL(foreign).searchParams.get('state') ?? ''}`,
      'code=x&state=%00',
    ])
      reasons.push(await reasonOf(house.identity, browser, `${authenticate}/oauth2/callback?${query}`));
    assert.deepEqual(reasons, [
      '400 state-missing 0 cookies',
      '400 state-missing 0 cookies',
      ...Array.from({ length: 6 }, () => '400 state-altered 0 cookies'),
    ]);
  });

  it('older than ten minutes begins the sign-in again, once', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const [one, two] = [await answerFor(house.identity, browser, `${app}/page?q=1`), await answerFor(house.identity, browser, `${app}/`)];
    house.clock.now += 10 * minute + 1;
    assert.equal(await followTo(house.identity, browser, one), `${app}/page?q=1`);
    assert.equal(await reasonOf(house.identity, browser, one), '400 state-used 0 cookies');
    assert.equal(await reasonOf(house.identity, browser, two), '400 sign-in-expired 0 cookies');
    assert.equal(await house.identity.sessionCount(), 0);
    assert.equal(await signInAt(house.identity, browser, `${app}/page?q=1`), `${app}/page?q=1`);
  });

  it('is still good at ten minutes', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${app}/`);
    house.clock.now += 10 * minute;
    assert.match(await followTo(house.identity, browser, answer), /\/\.pomerium\/callback\//);
  });

  it('does not lead to a host whose route has gone', async () => {
    await using house = openHouse(provider.issuer);
    await using twin = house.twin({ isRouteHost: () => false });
    const browser = new Browser();
    const answer = await answerFor(house.identity, browser, `${app}/`);
    assert.equal(await reasonOf(twin, browser, answer), '400 return-url-refused 0 cookies');
  });
});

describe('createIdentity(): the way to the provider', () => {
  it('begins only from a URL that was signed here', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const start = begin(house.identity, browser, `${app}/`);
    const changed = start.replace('app.example.com', 'other.example.com');
    const unsigned = start.replace(/&pomerium_signature=[^&]*/, '');
    const reasons = [];
    for (const url of [changed, unsigned, `${start}&extra=1`, `${start}&pomerium_browser=x`, `${authenticate}/.pomerium/sign_in`])
      reasons.push(await reasonOf(house.identity, browser, url));
    assert.deepEqual([...new Set(reasons)], ['400 signature-invalid 0 cookies']);
  });

  it('leads back to the page, once, from a URL that is genuine and too old', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const start = begin(house.identity, browser, `${app}/page`);
    house.clock.now += 7 * minute;
    assert.equal(await followTo(house.identity, browser, start), `${app}/page`);
    assert.equal(await reasonOf(house.identity, browser, start), '400 sign-in-expired 0 cookies');
  });

  it('refuses a session cookie that was planted, and gives the person a new one', async () => {
    await using house = openHouse(provider.issuer);
    const [attacker, victim] = [new Browser(), new Browser()];
    await signInAt(house.identity, attacker, `${app}/`);
    const planted = attacker.cookie(app, '_pomerium') ?? '';
    victim.set(app, '_pomerium', planted);
    provider.account = 'bob';
    await signInAt(house.identity, victim, `${app}/`).finally(() => (provider.account = 'alice'));
    assert.notEqual(victim.cookie(app, '_pomerium'), planted);
    assert.deepEqual(
      [await whoAsks(house.identity, victim, app + '/'), await whoAsks(house.identity, attacker, app + '/')],
      ['bob', 'alice'],
    );
  });

  it('refuses everything when nobody can sign in', async () => {
    await using house = openHouse(provider.issuer, { provider: undefined });
    const browser = new Browser();
    const reasons = [];
    for (const path of ['/.pomerium/sign_in', '/oauth2/callback', '/.pomerium/callback/'])
      reasons.push(await reasonOf(house.identity, browser, authenticate + path));
    assert.deepEqual([...new Set(reasons)], ['400 sign-in-not-configured 0 cookies']);
    assert.throws(() => house.identity.startSignIn(browser.request(`${app}/`)), ProxyFailure);
  });
});

describe('createIdentity(): the hand-over', () => {
  it('is good once', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const handOver = await followTo(house.identity, browser, await answerFor(house.identity, browser, `${app}/`));
    await followTo(house.identity, browser, handOver);
    assert.equal(await reasonOf(house.identity, browser, handOver), '400 hand-over-used 0 cookies');
  });

  it('is good only in the browser that was sent to sign in from this host, and is not spent by another', async () => {
    await using house = openHouse(provider.issuer);
    const [attacker, victim, planted] = [new Browser(), new Browser(), new Browser()];
    const handOver = await followTo(house.identity, attacker, await answerFor(house.identity, attacker, `${app}/`));
    begin(house.identity, victim, `${app}/`);
    // A neighbour can plant a cookie of that name beside the one the browser has, not in its place.
    const own = `_pomerium_browser=${attacker.cookie(app, '_pomerium_browser') ?? ''}`;
    planted.set(app, 'a', `1; ${own}; _pomerium_browser=${'x'.repeat(43)}`);
    const reasons = [
      await reasonOf(house.identity, new Browser(), handOver),
      await reasonOf(house.identity, victim, handOver),
      await reasonOf(house.identity, planted, handOver),
    ];
    assert.deepEqual([...new Set(reasons)], ['400 hand-over-other-browser 0 cookies']);
    assert.equal(await followTo(house.identity, attacker, handOver), `${app}/`);
  });

  it('is good at no other host', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    begin(house.identity, browser, `${other}/`);
    const handOver = await followTo(house.identity, browser, await answerFor(house.identity, browser, `${app}/`));
    assert.equal(await reasonOf(house.identity, browser, handOver.replace(app, other)), '400 hand-over-invalid 0 cookies');
  });

  it('is refused when anything of it was changed, or after its life', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    const handOver = await followTo(house.identity, browser, await answerFor(house.identity, browser, `${app}/`));
    const changed = [
      handOver.replace(encodeURIComponent(`${app}/`), encodeURIComponent('https://evil.example/')),
      handOver.replace(/pomerium_session_encrypted=./, 'pomerium_session_encrypted=_'),
      handOver.replace(/&pomerium_signature=[^&]*/, ''),
      `${app}/.pomerium/callback/`,
    ];
    for (const url of changed) assert.equal(await reasonOf(house.identity, browser, url), '400 hand-over-invalid 0 cookies');
    house.clock.now += 6 * minute + 1000;
    assert.equal(await reasonOf(house.identity, browser, handOver), '400 hand-over-expired 0 cookies');
  });
});

describe('createIdentity(): signing out', () => {
  it('makes the cookie worthless on every host and in every process, and leads to the provider with the hint', async () => {
    await using house = openHouse(provider.issuer);
    await using twin = house.twin();
    const browser = new Browser();
    await signInAt(house.identity, browser, `${app}/`);
    await followTo(house.identity, browser, await followTo(house.identity, browser, begin(house.identity, browser, `${other}/`)));
    const stolen = new Browser();
    for (const host of [app, other]) stolen.set(host, '_pomerium', browser.cookie(host, '_pomerium') ?? '');
    stolen.set(authenticate, '_pomerium_authenticate', browser.cookie(authenticate, '_pomerium_authenticate') ?? '');
    const earlier = [await whoAsks(house.identity, stolen, `${app}/`), await whoAsks(house.identity, stolen, `${other}/`)];
    const location = new URL(await followTo(house.identity, browser, `${app}/.pomerium/sign_out`));
    const later = [];
    for (const url of [app, other, authenticate])
      later.push(await whoAsks(house.identity, stolen, `${url}/`), await whoAsks(twin, stolen, `${url}/`));
    assert.deepEqual([earlier, later, browser.cookie(app, '_pomerium')], [['alice', 'alice'], Array(6).fill(undefined), undefined]);
    assert.deepEqual(
      [
        location.pathname,
        location.searchParams.get('post_logout_redirect_uri'),
        location.searchParams.get('id_token_hint')?.split('.').length,
      ],
      ['/session/end', `${authenticate}/.pomerium/signed_out`, 3],
    );
    const atProvider = await fetch(location, { redirect: 'manual', headers: { cookie: browser.cookies(location.href) } });
    assert.equal(atProvider.status, 200);
    // The session of the authenticate host is gone too: the next visit goes to the provider.
    const next = await followTo(house.identity, browser, begin(house.identity, browser, `${other}/`));
    assert.equal(new URL(next).origin, provider.issuer.origin);
  });

  it('leads somebody who is not signed in to the page that says so', async () => {
    await using house = openHouse(provider.issuer);
    assert.deepEqual(await follow(house.identity, new Browser(), `${app}/.pomerium/sign_out`), {
      kind: 'redirect',
      location: `${authenticate}/.pomerium/signed_out`,
      setCookies: ['_pomerium=; Path=/; Max-Age=0; Secure; HttpOnly'],
    });
  });

  it('ends the session here while the provider is down', async () => {
    await using house = openHouse(provider.issuer);
    await using twin = house.twin();
    const browser = new Browser();
    await signInAt(house.identity, browser, `${app}/`);
    provider.down = true;
    const location = await followTo(twin, browser, `${app}/.pomerium/sign_out`).finally(() => (provider.down = false));
    assert.deepEqual([location, await house.identity.sessionCount()], [`${authenticate}/.pomerium/signed_out`, 0]);
  });

  it('does not pretend when the store fails', async () => {
    await using house = openHouse(provider.issuer);
    const browser = new Browser();
    await signInAt(house.identity, browser, `${app}/`);
    await using twin = house.twin({
      store: { ...house.store, get: async (key) => house.store.get(key), remove: async () => Promise.reject(new Error('disk')) },
    });
    await assert.rejects(
      follow(twin, browser, `${app}/.pomerium/sign_out`),
      (error: unknown) => error instanceof ProxyFailure && error.code === 'store-failed',
    );
  });
});
