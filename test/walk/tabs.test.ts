import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from '../identity/browser.ts';
import { followProvider } from '../identity/provider-server.ts';
import { cookieNames } from './cookie-names.ts';
import type { Street } from '../dangers/street.ts';
import { openStreet } from '../dangers/street.ts';
import type { Recorder } from './recorder.ts';
import { openRecorder } from './recorder.ts';
import { Visitor } from './visitor.ts';

/** Where one tab ends that does what a browser does by itself: follow redirects, and pages that lead on at once. */
async function openTab({ provider }: Street, visitor: Visitor, url: string): Promise<string> {
  let at = url;
  for (let hops = 0; hops < 40; hops += 1) {
    const { status, headers } = await visitor.visit(at);
    const next = headers.location ?? /^0; url=(.*)$/.exec(String(headers['refresh'] ?? ''))?.[1];
    if (next === undefined) return `${status} ${at}`;
    at = new URL(next, at).href;
    // A jar of its own: this one knows no paths, by which the provider tells its tabs apart.
    if (at.startsWith(provider.issuer.origin)) at = await followProvider(provider, new Browser(), at);
  }
  return assert.fail(`round in circles at ${at}`);
}

describe('several tabs of one browser', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://other.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const count of [2, 10]) {
    it(`sign in side by side and end where they began: ${count}, opened all at once in a new browser`, async () => {
      const visitor = new Visitor(street.house);
      const urls = Array.from({ length: count }, (_, index) => street.url(index % 3 === 2 ? 'other' : 'app', `/page/${index}?q=${index}`));
      const ends = await Promise.all(urls.map(async (url) => openTab(street, visitor, url)));
      assert.deepEqual(
        ends,
        urls.map((url) => `200 ${url}`),
      );
    });

    it(`sign in step by step in any order and end where they began: ${count}`, async () => {
      const visitor = new Visitor(street.house, street.provider);
      const urls = Array.from({ length: count }, (_, index) => street.url('app', `/page/${index}`));
      let tabs = urls;
      for (let step = 0; step < 5; step += 1) {
        const next: string[] = [];
        // The last first, so that none is done before another began.
        for (const at of tabs.toReversed()) {
          const { headers } = await visitor.visit(at);
          const to = headers.location === undefined ? at : new URL(headers.location, at).href;
          next.unshift(to.startsWith(street.provider.issuer.origin) ? await followProvider(street.provider, new Browser(), to) : to);
        }
        tabs = next;
      }
      assert.deepEqual(
        await Promise.all(tabs.map(async (at) => openTab(street, visitor, at))),
        urls.map((url) => `200 ${url}`),
      );
    });
  }

  it('get one cookie each at most before anybody signed in, and none beside the first', async () => {
    const visitor = new Visitor(street.house);
    const set = [];
    for (let index = 0; index < 20; index += 1)
      set.push(((await visitor.visit(street.url('app', `/${index}`))).headers['set-cookie'] ?? []).length);
    assert.deepEqual([set[0], ...new Set(set.slice(1))], [1, 0]);
    assert.deepEqual(cookieNames(visitor.jar, street.url('app')), ['_pomerium_browser']);
  });

  it('lead nobody on who keeps no cookies, however often they come', async () => {
    const handOver = async (): Promise<string> => {
      const visitor = new Visitor(street.house, street.provider);
      let at = street.url('app', '/page');
      while (!at.includes('/.pomerium/callback/')) {
        const { headers } = await visitor.visit(at);
        const to = new URL(headers.location ?? assert.fail(at), at).href;
        at = to.startsWith(street.provider.issuer.origin) ? await followProvider(street.provider, new Browser(), to) : to;
      }
      return at;
    };
    const { status, headers, body } = await new Visitor(street.house).visit(await handOver());
    assert.deepEqual([status, headers['refresh'], headers.location, headers['set-cookie']], [400, undefined, undefined, undefined]);
    assert.ok(body.includes(`<a href="${street.url('app', '/page')}">Open the page again</a>`));
  });
});
