import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Browser } from '../identity/browser.ts';
import { followProvider } from '../identity/provider-server.ts';
import { signInSteps } from '../dangers/sign-in-steps.ts';
import type { Street } from '../dangers/street.ts';
import { openStreet } from '../dangers/street.ts';
import type { Recorder } from './recorder.ts';
import { openRecorder } from './recorder.ts';
import type { Answer } from './house.ts';
import { Visitor } from './visitor.ts';

const discovery = '/.well-known/openid-configuration';

describe('while the identity provider is down', () => {
  let street: Street;
  let upstream: Recorder;
  let page: string;
  let day = 0;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
    page = street.url('app', '/page?a=1&b=2');
  });

  beforeEach(() => {
    street.provider.down = false;
    upstream.clear();
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** Where a sign-in of this visitor would be asked for. */
  const signInPage = async (visitor: Visitor): Promise<string> => signInSteps(street, visitor).ask(page);

  const asked = (): number => street.provider.requests.get(discovery) ?? 0;

  /** From here on the clock of the machine stands still, a day later than in the test before, and goes on when it is told to. */
  function hold(t: TestContext): (ms: number) => void {
    day += 1;
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + day * 86_400_000 });
    return (ms) => t.mock.timers.tick(ms);
  }

  it('a visitor reads that nobody can sign in, and finds the way back; whoever comes is let in once it answers again', async (t) => {
    const tick = hold(t);
    street.provider.down = true;
    const visitor = new Visitor(street.house);
    const answer = await visitor.visit(await signInPage(visitor));
    const reference = String(answer.headers['x-request-id']);
    assert.deepEqual(
      [answer.status, answer.headers['retry-after'], answer.headers['cache-control'], answer.headers.location],
      [503, '10', 'no-store', undefined],
    );
    for (const part of [
      '<h1>Sign-in is not possible at the moment</h1>',
      `<a href="${page.replaceAll('&', '&amp;')}">Try again</a>`,
      reference,
      'lang="en"',
    ])
      assert.ok(answer.body.includes(part), part);
    const line = await street.house.logLine(
      ({ request_id: id, failure, status }) => id === reference && failure !== undefined && status === 503,
    );
    assert.equal(line['failure'], 'provider-unreachable');
    street.provider.down = false;
    tick(5_000);
    assert.equal((await new Visitor(street.house, street.provider).arrive(page)).answer.status, 200);
  });

  it('programs are told in their own words', async (t) => {
    hold(t);
    street.provider.down = true;
    const link = await signInPage(new Visitor(street.house));
    const ask = async (accept: string): Promise<Answer> => new Visitor(street.house).visit(link, { headers: { accept } });
    const [json, text] = [await ask('application/json'), await ask('text/plain')];
    const { error } = JSON.parse(json.body) as { readonly error: string };
    assert.deepEqual([json.status, text.status], [503, 503]);
    assert.match(error, /^The service where people sign in does not answer/);
    assert.match(text.body, /^Sign-in is not possible at the moment\n/);
  });

  it('a storm of visitors asks it once in five seconds', async (t) => {
    const tick = hold(t);
    street.provider.down = true;
    const links = await Promise.all(Array.from({ length: 30 }, async () => signInPage(new Visitor(street.house))));
    const earlier = asked();
    const storm = async (): Promise<readonly number[]> =>
      Promise.all(links.map(async (link) => (await new Visitor(street.house).visit(link)).status));
    assert.deepEqual([...new Set([...(await storm()), ...(await storm())])], [503]);
    assert.equal(asked() - earlier, 1);
    tick(5_000);
    await storm();
    assert.equal(asked() - earlier, 2);
  });

  it('whoever is half way is told, loses nothing, and begins again at the page', async (t) => {
    const tick = hold(t);
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page);
    street.provider.down = true;
    const answer = await steps.visitor.visit(callback);
    assert.deepEqual([answer.status, answer.headers['set-cookie']], [503, undefined]);
    assert.ok(answer.body.includes(`<a href="${page.replaceAll('&', '&amp;')}">Try again</a>`));
    assert.equal(upstream.bytes(), '');
    street.provider.down = false;
    tick(5_000);
    assert.equal((await steps.visitor.arrive(page)).answer.status, 200);
  });

  it('sessions live on until they expire, also when their access has run out', async (t) => {
    const tick = hold(t);
    const visitor = new Visitor(street.house, street.provider);
    await visitor.arrive(page);
    street.provider.down = true;
    const found = [];
    for (const minutes of [9, 11, 60, 12 * 60]) {
      tick(minutes * 60_000);
      found.push((await visitor.visit(page)).status);
    }
    upstream.clear();
    tick(60 * 60_000);
    found.push((await visitor.visit(page)).status);
    assert.deepEqual([found, upstream.bytes()], [[200, 200, 200, 200, 302], '']);
  });

  it('nobody who is signed in needs it, not even to sign out', async (t) => {
    hold(t);
    const visitor = new Visitor(street.house);
    const at = street.url('app', '/page');
    let next = at;
    for (let hops = 0; hops < 6; hops += 1) {
      const { headers } = await visitor.visit(next);
      if (headers.location === undefined) break;
      next = new URL(headers.location, next).href;
      if (next.startsWith(street.provider.issuer.origin)) next = await followProvider(street.provider, new Browser(), next);
    }
    street.provider.down = true;
    assert.equal((await visitor.visit(at)).status, 200);
    const out = await visitor.visit(street.url('app', '/.pomerium/sign_out'), { headers: { 'sec-fetch-site': 'none' } });
    assert.equal(out.status, 302);
    assert.equal((await visitor.visit(at)).status, 302);
  });
});
