import { deepEqual, doesNotMatch, match } from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import type { BrowserDemo } from './browser-demo.ts';
import { describeInBrowser, openBrowserDemo } from './browser-demo.ts';
import { unreadableParts } from './readability.ts';
import type { Tab } from './tab.ts';

describeInBrowser('certificates as identities in a browser', () => {
  let demo: BrowserDemo;
  let alice: Tab;
  let nobody: Tab;
  const at = (host: string, path?: string): string => demo.at(host, path);
  const openTab = async (person?: string): Promise<Tab> => (await demo.browserOf(person)).openTab();

  before(async () => {
    demo = await openBrowserDemo();
    const [, to] = /to: (\S+) +# the application "verify"/.exec(readFileSync(demo.configFile, 'utf8')) ?? [];
    const route = (host: string, keys: string): string =>
      `  - {name: ${host}, from: '${at(host, '')}', to: '${to}', tls_downstream_client_ca_file: ca.pem, ${keys}}`;
    const known = 'allow_any_authenticated_user: true';
    appendFileSync(
      demo.configFile,
      `
${route('device', `${known}, authentication: client_certificate`)}
${route('either', `${known}, authentication: either`)}
${route('twice', `${known}, authentication: both`)}
${route('strict', 'allow_public_unauthenticated_access: true')}
certificate_identities: [{name: people, ca_file: ca.pem, from: san_email, to: email, domains: [example.com]}]
`,
    );
    await demo.choose(['device', 'either', 'twice', 'strict']);
    [alice, nobody] = await Promise.all([openTab('alice'), openTab()]);
    while ((await nobody.go(at('strict'))).status === 404) await new Promise((later) => setTimeout(later, 100));
  });

  after(() => demo[Symbol.asyncDispose]());

  it('sign in without any page, for as many hosts as there are, over one connection or several', async () => {
    for (const host of ['device', 'either', 'device'] as const) {
      const shown = await alice.go(at(host, '/page?x=1'));
      deepEqual([shown.url, shown.status], [at(host, '/page?x=1'), 200]);
      match(shown.text, /x-pomerium-claim-email\s+alice@example\.com/);
    }
    const other = await alice.go(at('public'));
    deepEqual([other.status, /alice/i.test(other.text)], [200, false], 'and nobody is known where nobody was asked');
    match((await alice.go(at('device', '/.pomerium/'))).text, /alice@example\.com/);
  });

  it('leave the sign-in to whoever chooses none, where either will do', async () => {
    const question = await nobody.go(at('either', '/page?x=1'));
    deepEqual([question.title, question.url.startsWith(demo.demo.issuer)], ['Sign in to the demo as', true]);
    const arrived = await nobody.click('Bob');
    deepEqual([arrived.url, arrived.status], [at('either', '/page?x=1'), 200]);
    match(arrived.text, /x-pomerium-claim-email\s+bob@example\.com/);
  });

  it('open nothing to a session alone where the certificate is the sign-in, or both are wanted', async () => {
    for (const host of ['device', 'twice'] as const) {
      const refused = await nobody.go(at(host));
      deepEqual([refused.status, refused.title], [495, 'A client certificate is needed']);
      doesNotMatch(refused.text, /bob@example/);
    }
  });

  it('keep out a session of somebody else, which stays for its owner', async () => {
    await alice.go(at('twice'));
    const arrived = await alice.click('Bob');
    deepEqual([arrived.status, await unreadableParts(alice)], [403, []]);
    const own = await alice.go(at('signed-in'));
    match(own.text, /bob@example\.com[^]*is signed in/);
  });

  it('are asked for by a page that everybody can read, in light and dark, on a screen of any width', async () => {
    for (const scheme of ['light', 'dark'] as const)
      for (const width of [1100, 360]) {
        await nobody.prefer(scheme);
        await nobody.resize(width);
        const refused = await nobody.go(at('strict'));
        deepEqual([refused.status, await unreadableParts(nobody)], [495, []], `${scheme}, ${width} pixels`);
      }
    deepEqual([...nobody.complaints, ...alice.complaints], []);
  });
});
