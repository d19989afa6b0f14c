import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import type { BrowserDemo } from './browser-demo.ts';
import { describeInBrowser, openBrowserDemo } from './browser-demo.ts';
import type { Tab } from './tab.ts';

describeInBrowser('linking certificates in a browser', () => {
  let demo: BrowserDemo;
  let alice: Tab;
  const at = (host: string, path?: string): string => demo.at(host, path);
  const page = (): string => at('link', '/.pomerium/certificates');
  const openTab = async (): Promise<Tab> => (await demo.browserOf('alice')).openTab();

  before(async () => {
    demo = await openBrowserDemo();
    appendFileSync(
      demo.configFile,
      `
certificate_sign_in_url: ${at('link', '')}
sign_in_methods: [idp, client_certificate]
certificate_identities: [{name: mine, from: linked}]
`,
    );
    await demo.choose(['link']);
    alice = await openTab();
    while ((await alice.go(at('public', '/.pomerium/certificates'))).status === 404) await new Promise((later) => setTimeout(later, 200));
  });

  after(() => demo[Symbol.asyncDispose]());

  it('leads from any host over the choice and the provider to the page of certificates', async () => {
    const choice = await alice.go(at('public', '/.pomerium/certificates'));
    deepEqual([choice.title, new URL(choice.url).origin], ['Sign in', at('auth', '')]);
    await alice.click('Use the identity provider');
    const arrived = await alice.click('Alice');
    deepEqual([arrived.url, arrived.status, arrived.title], [page(), 200, 'Your certificates']);
    match(arrived.text, /No certificate is linked to your account[^]*CN=Alice[^]*Link/);
  });

  it('links, shows it on the page about oneself, and leads back', async () => {
    const linked = await alice.click('Link');
    deepEqual([linked.url, linked.status], [page(), 200]);
    match(linked.text, /Linked certificates[^]*CN=Alice[^]*Last used\s+Never[^]*Unlink[^]*It is one of those above/);
    match((await alice.click('What is known about you')).text, /You are signed in[^]*Linked certificates[^]*CN=Alice/);
    equal((await alice.click('Link or unlink')).url, page());
  });

  it('signs in by the certificate alone, in a browser that never was at the provider', async () => {
    const other = await openTab();
    equal((await other.go(at('signed-in', '/page?x=1'))).title, 'Sign in');
    const arrived = await other.click('Use a certificate');
    deepEqual([arrived.url, arrived.status], [at('signed-in', '/page?x=1'), 200]);
    match(arrived.text, /alice@example\.com[^]*is signed in/);
    await other.go(at('signed-in', '/.pomerium/'));
    equal((await other.click('Sign out')).url, at('auth', '/.pomerium/signed_out'));
    deepEqual(other.complaints, []);
  });

  it('dates the use, and unlinks', async () => {
    const used = await alice.go(page());
    match(used.text, /Last used\s+\d+ \w+ \d{4}/);
    const unlinked = await alice.click('Unlink');
    deepEqual([unlinked.url, unlinked.status], [page(), 200]);
    match(unlinked.text, /No certificate is linked to your account/);
    doesNotMatch(unlinked.text, /Unlink/);
  });

  it('leads back to the choice with a certificate that is nobody’s', async () => {
    const other = await openTab();
    await other.go(at('signed-in'));
    const refused = await other.click('Use a certificate');
    deepEqual([refused.status, refused.title], [403, 'The sign-in could not be completed']);
    equal((await other.click('Choose how to sign in')).title, 'Sign in');
  });

  it('fits on the screen of a telephone, and keeps to its own Content-Security-Policy', async () => {
    await alice.resize(360);
    await alice.go(page());
    equal(await alice.evaluate('document.documentElement.scrollWidth > innerWidth'), false);
    deepEqual(alice.complaints, []);
  });
});
