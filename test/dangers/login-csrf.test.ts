import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../walk/visitor.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { fieldsAt } from './request-head.ts';
import { assertRefused, locationOf, signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Somebody is made to work as somebody else without noticing: by a link, by a planted cookie, by a session known beforehand. */
describe('login CSRF, session fixation and tossed cookies', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: [name]
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://other.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  beforeEach(() => {
    street.provider.account = 'alice';
    upstream.clear();
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const page = (): string => street.url('app', '/page');
  const people = (): Visitor => new Visitor(street.house, street.provider);

  /** Whom the upstream was told about, for each request that reached it. */
  function names(): readonly string[] {
    const seen = fieldsAt(upstream).filter(([name]) => name === 'x-pomerium-claim-name');
    return seen.map(([, value]) => value);
  }

  it('signs nobody in by the callback of another browser, begun or not', async () => {
    const attacker = signInSteps(street);
    for (const prepare of [async () => undefined, (victim: Visitor) => signInSteps(street, victim).toCallback(page())]) {
      const victim = people();
      await prepare(victim);
      assertRefused(await victim.visit(await attacker.toCallback(page())), 'the callback of the attacker');
      assert.equal((await victim.visit(page())).status, 302, 'the victim is still nobody');
    }
    assert.equal(upstream.bytes(), '');
  });

  it('signs nobody in by the hand-over of another browser, begun or not', async () => {
    const attacker = signInSteps(street);
    const handOver = await attacker.toHandOver(page());
    const stranger = people();
    const halfWay = people();
    await halfWay.visit(page());
    for (const victim of [stranger, halfWay]) {
      assertRefused(await victim.visit(handOver), 'the hand-over of the attacker');
      assert.equal((await victim.visit(page())).status, 302);
    }
    assert.equal(upstream.bytes(), '');
    assert.equal(locationOf(await attacker.visitor.visit(handOver), handOver), page(), 'nobody could spend it either');
  });

  it('replaces nobody who is signed in already', async () => {
    const victim = people();
    await victim.arrive(page());
    street.provider.account = 'bob';
    const attacker = signInSteps(street);
    const handOver = await attacker.toHandOver(page());
    assertRefused(await victim.visit(handOver), 'the hand-over of the attacker');
    assertRefused(await victim.visit(await signInSteps(street).toCallback(page())), 'the callback of the attacker');
    upstream.clear();
    assert.equal((await victim.visit(page())).status, 200);
    assert.deepEqual(names(), [Buffer.from('Alice Ω').toString('latin1')]);
  });

  it('hands over at the host only that it was made for', async () => {
    const steps = signInSteps(street);
    const handOver = await steps.toHandOver(page());
    await steps.visitor.visit(street.url('other'));
    assertRefused(await steps.visitor.visit(handOver.replace('//app.', '//other.')), 'another host');
    assertRefused(await steps.visitor.visit(handOver.replace('//app.', '//auth.')), 'the authenticate host');
    assert.equal((await steps.visitor.visit(street.url('other'))).status, 302);
  });

  it('makes a new session at each sign-in, so that none known before is worth anything', async () => {
    street.provider.account = 'bob';
    const planted = await street.cookieAt('app');
    const session = planted.split('; ').find((pair) => pair.startsWith('_pomerium=')) ?? '';
    street.provider.account = 'alice';
    const victim = people();
    for (const url of [page(), street.url('auth')]) victim.jar.set(url, '_pomerium', session.slice('_pomerium='.length));
    // The victim signs out of what was planted, and in as herself.
    await victim.visit(street.url('app', '/.pomerium/sign_out'), { headers: { 'sec-fetch-site': 'none' } });
    await victim.arrive(page());
    assert.notEqual(victim.jar.cookie(page(), '_pomerium'), session.slice('_pomerium='.length));
    upstream.clear();
    const attacker = await new Visitor(street.house).visit(page(), { headers: { cookie: session } });
    assert.equal(attacker.status, 302, 'the planted session is over');
    assert.equal(upstream.bytes(), '');
  });

  it('takes no session out of a link', async () => {
    const cookie = await street.cookieAt('app');
    const value = /_pomerium=([^;]+)/.exec(cookie)?.[1] ?? '';
    upstream.clear();
    for (const query of [`pomerium_session=${value}`, `_pomerium=${value}`, `pomerium_session_encrypted=${value}`]) {
      const answer = await people().visit(street.url('app', `/page?${query}`));
      assert.ok(answer.status === 302 || answer.status === 401, `${query.slice(0, 20)}: ${answer.status}`);
      const cookies = (answer.headers['set-cookie'] ?? []).filter((one) => one.startsWith('_pomerium='));
      assert.deepEqual(cookies, []);
    }
    assert.equal(upstream.bytes(), '');
  });

  it('believes neither of two genuine session cookies, and one beside garbage', async () => {
    const alice = await street.cookieAt('app');
    street.provider.account = 'bob';
    const bob = await street.cookieAt('app');
    const ask = (cookie: string): Promise<number> =>
      new Visitor(street.house).visit(page(), { headers: { cookie } }).then(({ status }) => status);
    upstream.clear();
    assert.deepEqual([await ask(`${alice}; ${bob}`), await ask(`${bob}; ${alice}`)], [302, 302]);
    assert.equal(upstream.bytes(), '');
    assert.deepEqual(
      [await ask(`_pomerium=garbage; ${alice}`), await ask(`${alice}; _pomerium=`), await ask(`${alice}; ${alice}`)],
      [200, 200, 200],
    );
    assert.doesNotMatch(upstream.bytes(), /Bob/);
  });

  it('knows the cookie of one host at no other', async () => {
    const visitor = people();
    await visitor.arrive(page());
    const atApp = visitor.jar.cookie(page(), '_pomerium') ?? '';
    const atAuthenticate = visitor.jar.cookie(street.url('auth'), '_pomerium_authenticate') ?? '';
    assert.ok(atApp !== '' && atAuthenticate !== '');
    upstream.clear();
    const attempts = [
      ['other', `_pomerium=${atApp}`],
      ['other', `_pomerium=${atAuthenticate}`],
      ['app', `_pomerium=${atAuthenticate}`],
      ['app', `_pomerium_authenticate=${atAuthenticate}`],
    ] as const;
    for (const [host, cookie] of attempts)
      assert.equal((await people().visit(street.url(host), { headers: { cookie } })).status, 302, `${host} ${cookie.slice(0, 24)}`);
    assert.equal(upstream.bytes(), '');
    const atProvider = signInSteps(street);
    const signIn = await atProvider.ask(page());
    const answer = await people().visit(signIn, { headers: { cookie: `_pomerium_authenticate=${atApp}` } });
    assert.ok(
      locationOf(answer, signIn).startsWith(street.provider.issuer.href),
      'a session of a route host is none at the authenticate host',
    );
  });

  it('knows no browser by a cookie that a neighbour planted beside the genuine one', async () => {
    const attacker = signInSteps(street);
    const handOver = await attacker.toHandOver(page());
    const mark = attacker.visitor.jar.cookie(page(), '_pomerium_browser') ?? '';
    const victim = people();
    await victim.visit(page());
    const own = victim.jar.cookie(page(), '_pomerium_browser') ?? '';
    assert.ok(mark !== '' && own !== '' && mark !== own);
    for (const cookie of [`_pomerium_browser=${own}; _pomerium_browser=${mark}`, `_pomerium_browser=${mark}; _pomerium_browser=${own}`])
      assertRefused(await new Visitor(street.house).visit(handOver, { headers: { cookie } }), cookie);
  });

  it('sets no cookie for scripts that ask a hundred times', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => people().visit(page(), { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } })),
    );
    assert.deepEqual([...new Set(answers.map(({ status, headers }) => `${status} ${String(headers['set-cookie'])}`))], ['401 undefined']);
  });
});
