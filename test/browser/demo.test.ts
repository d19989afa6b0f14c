import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BrowserDemo } from './browser-demo.ts';
import { describeInBrowser, openBrowserDemo } from './browser-demo.ts';
import type { Chromium } from './chromium.ts';
import type { Tab } from './tab.ts';

describeInBrowser('the demo in a browser', () => {
  let demo: BrowserDemo;
  const at = (host: string, path?: string): string => demo.at(host, path);
  const browserOf = async (person?: string): Promise<Chromium> => demo.browserOf(person);

  before(async () => {
    demo = await openBrowserDemo();
  });

  after(() => demo[Symbol.asyncDispose]());

  it('asks for a certificate on the hosts that want one and on no other', async () => {
    // Nobody has told this browser which certificate to choose: it would ask, and nobody is there to answer.
    const alice = await browserOf('alice');
    const asked = await alice.openTab();
    let isAnswered = false;
    asked.go(at('certificate')).then(
      () => (isAnswered = true),
      () => (isAnswered = true),
    );
    const tab = await alice.openTab();
    const statuses = [];
    for (const host of ['public', 'signed-in', 'admins', 'socket', 'auth']) statuses.push((await tab.go(at(host))).status);
    deepEqual([statuses, isAnswered], [[200, 200, 200, 200, 200], false]);
  });

  describe('with a certificate that is chosen without asking', () => {
    let alice: Tab;

    before(async () => {
      await demo.choose(['certificate', 'both']);
      alice = await (await browserOf('alice')).openTab();
    });

    it('opens a page that wants a certificate, also when a connection to another host could be used for it', async () => {
      const open = await alice.go(at('public'));
      const shown = await alice.go(at('certificate'));
      deepEqual([open.status, open.protocol, shown.status, shown.protocol], [200, 'h2', 200, 'h2']);
      match(shown.text, /Nobody is signed in: this request carries no assertion/);
      const page = await alice.go(at('certificate', '/.pomerium/'));
      match(page.text, /Nobody is signed in[^]*CN=Alice\s+Accepted here/);
    });

    it('signs Alice in where both are wanted, knows her, and forgets her when she clicks on the button', async () => {
      const question = await alice.go(at('both', '/page?x=1'));
      deepEqual([question.title, question.url.startsWith(demo.demo.issuer)], ['Sign in to the demo as', true]);
      const arrived = await alice.click('Alice');
      deepEqual([arrived.url, arrived.status, arrived.protocol], [at('both', '/page?x=1'), 200, 'h2']);
      match(
        arrived.text,
        /Alice <alice@example\.com> is signed in\.\s+✓ The assertion’s signature, issuer, audience and times were checked/,
      );
      match(arrived.text, /x-pomerium-claim-groups\s+admins,staff/);

      const page = await alice.go(at('both', '/.pomerium/'));
      match(page.text, /You are signed in[^]*Alice[^]*alice@example\.com[^]*admins, staff[^]*CN=Alice\s+Accepted here/);
      match((await alice.click('Sign out')).text, /Sign out at the provider, too\?/);
      const done = await alice.click('Sign out');
      deepEqual([done.title, done.url], ['You are signed out', at('auth', '/.pomerium/signed_out')]);
      equal((await alice.go(at('both'))).title, 'Sign in to the demo as');
    });

    it('lets Bob in among the signed-in and not among the admins', async () => {
      await alice.go(at('signed-in'));
      const arrived = await alice.click('Bob');
      const refused = await alice.go(at('admins'));
      deepEqual([arrived.status, refused.status, refused.title], [200, 403, 'You do not have access']);
      match((await alice.click('Who am I signed in as?')).text, /bob@example\.com/);
    });

    it('asks before it signs out whom another site has sent', async () => {
      await alice.go(`${demo.demo.issuer}/`);
      await alice.evaluate(
        `document.querySelector('main').innerHTML = '<a href="${at('signed-in', '/.pomerium/sign_out')}">A gift for you</a>'`,
      );
      const question = await alice.click('A gift');
      deepEqual([question.status, question.title], [200, 'Do you want to sign out?']);
      equal((await alice.go(at('signed-in'))).title, 'signed-in: what the application received');
    });

    it('talks over a WebSocket', async () => {
      await alice.go(at('socket'));
      await alice.evaluate(untilShown('#state', 'Connected'));
      await alice.press('Send');
      await alice.evaluate(untilShown('#answers li', 'Hello'));
    });

    it('fits on the screen of a telephone', async () => {
      await alice.resize(360);
      const addresses = [at('signed-in'), at('signed-in', '/.pomerium/'), at('admins'), at('nothing'), `${demo.demo.issuer}/`];
      const overflowing: string[] = [];
      for (const address of addresses) {
        const { url } = await alice.go(address);
        if ((await alice.evaluate('document.documentElement.scrollWidth > innerWidth')) !== false) overflowing.push(url);
      }
      deepEqual(overflowing, []);
    });

    it('shows pages that keep to their own Content-Security-Policy', () => {
      deepEqual(alice.complaints, []);
    });
  });

  it('tells a browser without a certificate what to do', async () => {
    const tab = await (await browserOf()).openTab();
    const refused = await tab.go(at('certificate'));
    deepEqual([refused.status, refused.title], [495, 'A client certificate is needed']);
    match(
      refused.text,
      /issued by this authority:\s+Postern demo CA[^]*import the file that you were given[^]*Import a \.p12 file: Firefox/,
    );
    ok((await tab.go(at('nothing'))).status === 404);
    deepEqual(tab.complaints, []);
  });
});

/** An expression that is true as soon as the element says that. */
function untilShown(selector: string, text: string): string {
  return `new Promise((resolve) => {
    const look = () => document.querySelector(${JSON.stringify(selector)})?.textContent === ${JSON.stringify(text)} ? resolve(true) : setTimeout(look, 10);
    look();
  })`;
}
