import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseHostname } from '../../src/http/hostname.ts';
import type { ShownCertificate } from '../../src/identity/certificate-sign-in.ts';
import type { Identity, IdentityOptions, SignInChoice } from '../../src/identity/create-identity.ts';
import { Browser } from './browser.ts';
import type { House } from './house.ts';
import { app, authenticate, begin, follow, followTo, openHouse, whoAsks } from './house.ts';
import { leafOf, mappedTo, personNamed } from './leaf-facts.ts';
import type { ProviderServer } from './provider-server.ts';
import { followProvider, openProvider } from './provider-server.ts';

const certificateHost = 'https://certificate.example.com';
const minute = 60_000;
const far = Date.now() + 365 * 86_400_000;

let provider: ProviderServer;
before(async () => {
  provider = await openProvider(authenticate);
});
after(async () => provider[Symbol.asyncDispose]());

function open(changes: Partial<IdentityOptions> = {}): House {
  const hostname = parseHostname('certificate.example.com') ?? assert.fail();
  return openHouse(provider.issuer, {
    certificateSignIn: { url: new URL(certificateHost), hostname },
    signInWithCertificate: true,
    ...changes,
  });
}

async function choices(identity: Identity, browser: Browser, url: string): Promise<SignInChoice> {
  const at = begin(identity, browser, url);
  const outcome = await identity.signIn(browser.request(at));
  if (outcome.kind !== 'choose') return assert.fail(outcome.kind);
  browser.keep(at, outcome.setCookies);
  return outcome;
}

function shown(letter: string, user: string, notAfter = far): ShownCertificate {
  return { kind: 'mapped', identity: mappedTo(user), leaf: leafOf(letter, notAfter) };
}

/** What the certificate host answers to the button. */
async function atCertificateHost(identity: Identity, browser: Browser, url: string, certificate: ShownCertificate): Promise<string> {
  const outcome = await identity.askCertificate(browser.request(url), certificate);
  return outcome.kind === 'redirect' ? outcome.location : `${outcome.status} ${outcome.reason}`;
}

async function reasonOf(identity: Identity, browser: Browser, url: string): Promise<string> {
  const outcome = await follow(identity, browser, url);
  return outcome.kind === 'refused' ? `${outcome.status} ${outcome.reason}` : outcome.kind;
}

/** The whole way; ends at the page. */
async function signInBy(identity: Identity, browser: Browser, url: string, certificate: ShownCertificate): Promise<string> {
  const { certificate: button } = await choices(identity, browser, url);
  const answer = await atCertificateHost(identity, browser, button, certificate);
  return followTo(identity, browser, await followTo(identity, browser, answer));
}

describe('createIdentity(): signing in with a certificate', () => {
  it('signs in whoever the certificate stands for, until it ends, and without anything of the provider', async () => {
    await using house = open();
    const { identity, clock } = house;
    const browser = new Browser();
    assert.equal(
      await signInBy(identity, browser, `${app}/a?b=c`, shown('a', 'certificate/staff/alice', clock.now + minute)),
      `${app}/a?b=c`,
    );
    const found = identity.loadSession(browser.request(`${app}/`));
    if (found.kind !== 'person') assert.fail(found.kind);
    const { sessionId: _, ...person } = found.person;
    assert.deepEqual(
      { ...person, claims: Object.fromEntries(person.claims) },
      {
        id: 'certificate/staff/alice',
        email: 'certificate/staff/alice@example.com',
        name: undefined,
        claims: { sub: ['certificate/staff/alice'], email: ['certificate/staff/alice@example.com'], groups: ['staff'], amr: ['mtls'] },
        expiresAt: clock.now + minute,
        amr: ['mtls'],
      },
    );
    assert.deepEqual([identity.tokensOf(found.person), house.results], [{ accessToken: '', idToken: '' }, ['ok']]);
    clock.now += minute;
    assert.equal(await whoAsks(identity, browser, `${app}/`), undefined);
  });

  it('lasts no longer than any session', async () => {
    await using house = open();
    const browser = new Browser();
    await signInBy(house.identity, browser, `${app}/`, shown('a', 'alice'));
    const found = house.identity.loadSession(browser.request(`${app}/`));
    assert.equal(found.kind === 'person' && found.person.expiresAt, house.clock.now + 14 * 60 * minute);
  });

  it('signs in at the authenticate host too, so that the next host does not ask', async () => {
    await using house = open();
    const browser = new Browser();
    await signInBy(house.identity, browser, `${app}/`, shown('a', 'alice'));
    const outcome = await house.identity.signIn(browser.request(begin(house.identity, browser, `${app}/other`)));
    assert.equal(outcome.kind, 'redirect');
  });

  it('leads to the provider by the other button, and asks nothing of it before', async () => {
    await using house = open();
    const browser = new Browser();
    const { provider: button } = await choices(house.identity, browser, `${app}/`);
    const callback = await followProvider(provider, browser, await followTo(house.identity, browser, button));
    await followTo(house.identity, browser, await followTo(house.identity, browser, callback));
    assert.equal(await whoAsks(house.identity, browser, `${app}/`), 'alice');
  });

  it('gives no choice where certificates sign nobody in', async () => {
    await using house = open({ signInWithCertificate: false });
    const browser = new Browser();
    const outcome = await house.identity.signIn(browser.request(begin(house.identity, browser, `${app}/`)));
    const asked = await house.identity.askCertificate(browser.request(`${certificateHost}/?request=x`), shown('a', 'alice'));
    assert.deepEqual([outcome.kind, asked.kind === 'refused' && asked.reason], ['redirect', 'sign-in-not-configured']);
  });

  it('refuses without a certificate, or with one of nobody, and leads back to the choice and not in circles', async () => {
    await using house = open();
    const browser = new Browser();
    const { certificate: button } = await choices(house.identity, browser, `${app}/`);
    const nobodys = { kind: 'not-mapped', detail: 'no-rule', explanation: 'no rule is for its authority' } as const;
    for (const [certificate, reason] of [
      [{ kind: 'none' }, 'certificate-not-shown'],
      [nobodys, 'certificate-not-mapped'],
    ] as const) {
      const outcome = await house.identity.askCertificate(browser.request(button), certificate);
      if (outcome.kind !== 'refused') assert.fail();
      assert.deepEqual([outcome.status, outcome.reason], [403, reason]);
      const again = await house.identity.signIn(browser.request(outcome.choice ?? assert.fail()));
      assert.equal(again.kind, 'choose');
    }
    const [line] = house.lines.filter(({ level }) => level === 'info');
    assert.deepEqual([line?.fields['detail'], line?.message], ['no-rule', 'A sign-in was refused: the certificate stands for nobody']);
  });

  it('begins again where the button was pressed too late', async () => {
    await using house = open();
    const browser = new Browser();
    const { certificate: button } = await choices(house.identity, browser, `${app}/`);
    house.clock.now += 11 * minute;
    const back = await atCertificateHost(house.identity, browser, button, shown('a', 'alice'));
    assert.equal((await house.identity.signIn(browser.request(back))).kind, 'choose');
  });

  it('counts once, for two minutes, in the browser that began, and as it was sealed', async () => {
    await using house = open();
    const { identity } = house;
    const browser = new Browser();
    const { certificate: button } = await choices(identity, browser, `${app}/`);
    const answer = await atCertificateHost(identity, browser, button, shown('a', 'alice'));
    const late = await atCertificateHost(identity, browser, (await choices(identity, browser, `${app}/`)).certificate, shown('a', 'alice'));
    const stranger = new Browser();
    await choices(identity, stranger, `${app}/`);
    const results = [
      await reasonOf(identity, stranger, answer),
      await reasonOf(identity, new Browser(), answer),
      await reasonOf(identity, browser, `${answer}A`),
      await reasonOf(identity, browser, `${answer}&answer=x`),
      await reasonOf(identity, browser, answer.replace('answer=', 'other=')),
      await reasonOf(identity, browser, answer),
      await reasonOf(identity, browser, answer),
    ];
    house.clock.now += 3 * minute;
    assert.deepEqual(results, [
      '400 state-other-browser',
      '400 state-other-browser',
      '400 certificate-answer-invalid',
      '400 certificate-answer-invalid',
      '400 certificate-answer-invalid',
      'redirect',
      '400 state-used',
    ]);
    assert.equal(await followTo(identity, browser, late), `${app}/`);
    assert.equal(house.results.filter((result) => result === 'ok').length, 1);
  });

  it('takes a request of its own alone, for a host of ours', async () => {
    await using house = open();
    const browser = new Browser();
    const { certificate: button } = await choices(house.identity, browser, `${app}/`);
    const elsewhere = house.twin({ isRouteHost: () => false });
    assert.deepEqual(
      [
        await atCertificateHost(house.identity, browser, `${button}A`, shown('a', 'alice')),
        await atCertificateHost(house.identity, browser, `${certificateHost}/.pomerium/certificate_sign_in`, shown('a', 'alice')),
        await atCertificateHost(elsewhere, browser, button, shown('a', 'alice')),
      ],
      ['400 certificate-request-invalid', '400 certificate-request-invalid', '400 return-url-refused'],
    );
  });

  it('ends the session here on signing out, and not at a provider where nobody signed in', async () => {
    await using house = open();
    const browser = new Browser();
    await signInBy(house.identity, browser, `${app}/`, shown('a', 'alice'));
    assert.equal(await followTo(house.identity, browser, `${app}/.pomerium/sign_out`), `${authenticate}/.pomerium/signed_out`);
    assert.equal(await whoAsks(house.identity, browser, `${app}/`), undefined);
  });

  it('ends the session within a minute once its certificate is unlinked, also in another process', async () => {
    await using house = open();
    const { identity, clock } = house;
    const browser = new Browser();
    await identity.link({ person: personNamed('alice'), certificate: leafOf('a', far) });
    await signInBy(identity, browser, `${app}/`, shown('a', 'alice'));
    await house.twin().unlink('alice', 'a'.repeat(64));
    clock.now += minute;
    assert.equal(await whoAsks(identity, browser, `${app}/`), undefined);
  });
});

describe('createIdentity(): links', () => {
  it('tells of links what their owner may know, and logs what changes them', async () => {
    await using house = open();
    const { identity, clock } = house;
    const certificate = leafOf('a', far);
    const linked = [
      await identity.link({ person: personNamed('alice'), certificate }),
      await identity.link({ person: personNamed('bob'), certificate }),
      await identity.link({ person: personNamed('alice'), certificate }),
    ];
    const { fingerprint, subject, issuer, notAfter } = certificate;
    assert.deepEqual(await identity.linksOf('alice'), [
      { fingerprint, subject, issuer, notAfter, linkedAt: clock.now, lastUsedAt: undefined },
    ]);
    const unlinked = [await identity.unlink('bob', fingerprint), await identity.unlink('alice', fingerprint)];
    assert.deepEqual(
      [linked, unlinked],
      [
        ['linked', 'of-another', 'already-yours'],
        [false, true],
      ],
    );
    assert.deepEqual(
      house.lines.map(({ fields, message }) => `${String(fields['user'])}: ${message}`),
      [
        'alice: A certificate was linked to an account',
        'bob: A certificate was not linked: it belongs to another account',
        'alice: A certificate was unlinked from an account',
      ],
    );
  });

  it('finds the account of a link at once after linking and unlinking, and dates its use', async () => {
    await using house = open();
    const { identity, clock } = house;
    const fingerprint = 'a'.repeat(64);
    const account = async (): Promise<string> => {
      const found = identity.accountOf(fingerprint);
      if (found.kind === 'loading') await found.until;
      const now = identity.accountOf(fingerprint);
      return now.kind === 'account' ? now.account.user : now.kind;
    };
    const seen = [await account()];
    await identity.link({ person: personNamed('alice'), certificate: leafOf('a', far) });
    seen.push(await account());
    await new Promise((resolve) => setImmediate(resolve));
    const [link] = await identity.linksOf('alice');
    await identity.unlink('alice', fingerprint);
    seen.push(await account());
    assert.deepEqual([seen, link?.lastUsedAt], [['none', 'alice', 'none'], clock.now]);
  });

  it('lets nobody link by a certificate, by a token or without a session', async () => {
    await using house = open();
    const { identity } = house;
    const [byCertificate, byProvider] = [new Browser(), new Browser()];
    await signInBy(identity, byCertificate, `${app}/`, shown('a', 'alice'));
    const { provider: button } = await choices(identity, byProvider, `${app}/`);
    const callback = await followProvider(provider, byProvider, await followTo(identity, byProvider, button));
    await followTo(identity, byProvider, await followTo(identity, byProvider, callback));
    assert.deepEqual(
      [byProvider, byCertificate, new Browser()].map((browser) => identity.mayLink(browser.request(`${app}/`))),
      [true, false, false],
    );
  });

  it('seals links with a new secret as soon as there is one', async () => {
    await using house = open();
    const secret = Buffer.alloc(32, 7);
    const newer = Buffer.alloc(32, 8);
    const cookie: IdentityOptions['secrets']['cookie'] = [secret];
    await using old = house.twin({ secrets: { shared: [secret], cookie } });
    await old.link({ person: personNamed('alice'), certificate: leafOf('a', far) });
    {
      await using both = house.twin({ secrets: { shared: [newer, secret], cookie } });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await both.linksOf('alice')).length, 1);
    }
    await using replaced = house.twin({ secrets: { shared: [newer], cookie } });
    assert.equal((await replaced.linksOf('alice')).length, 1);
  });
});
