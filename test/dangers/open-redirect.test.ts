import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { signUrl } from '../../src/identity/signed-url.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { assertRefused, signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const secret = Buffer.alloc(32, 7);

/** A link to Postern must lead to no other place than the hosts it serves (CVE-2021-29651, CVE-2026-41569), whoever signed it. */
describe('open redirect', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
shared_secret: ${secret.toString('base64')}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: 'https://*.wild.postern.test', to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const visitor = (): Visitor => new Visitor(street.house, street.provider);

  function elsewhere(): readonly string[] {
    const app = street.authority('app');
    const port = street.house.port;
    return [
      'https://evil.example',
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '/%09/evil.example',
      'https:evil.example',
      'https:/evil.example/',
      'https:///evil.example/',
      'https:\\\\evil.example/',
      `https://${app}@evil.example/`,
      `https://evil.example\\@${app}/`,
      `https://evil.example#@${app}/`,
      `https://evil.example?@${app}/`,
      `https://${app}.evil.example/`,
      `https://evil.example/https://${app}/`,
      `https://app.postern.test%2eevil.example:${port}/`,
      `https://evil%2eexample/`,
      `https://user@${app}/`,
      `https://user:pass@${app}/`,
      `http://${app}/`,
      `HTTPS://${app}/`,
      `https://APP.postern.test:${port}/`,
      `https://app.postern.test.:${port}/`,
      `https://app.postern.test:0${port}/`,
      `https://${app}`,
      ` https://${app}/`,
      `https://${app}/\r\nSet-Cookie: x=y`,
      `https://${app}/\n`,
      `https://${app}/\t`,
      `https://${app}/#/evil`,
      `https://${app}\\evil`,
      `https://unknown.postern.test:${port}/`,
      `https://postern.test:${port}/`,
      `https://wild.postern.test:${port}/`,
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      `blob:https://${app}/x`,
      `view-source:https://${app}/`,
      `https://${app}/${'a'.repeat(5000)}`,
      '',
      '/',
    ];
  }

  it('is none, whatever a stranger writes into a link', async () => {
    const link = new URL(await signInSteps(street).ask(street.url('app', '/page')));
    const handOver = new URL(await signInSteps(street).toHandOver(street.url('app', '/page')));
    for (const url of elsewhere()) {
      for (const genuine of [link, handOver]) {
        const altered = new URL(genuine);
        altered.searchParams.set('pomerium_redirect_uri', url);
        assertRefused(await visitor().visit(altered.href), `altered to ${url}`);
      }
      const bare = street.url('auth', `/.pomerium/sign_in?pomerium_redirect_uri=${encodeURIComponent(url)}`);
      assertRefused(await visitor().visit(bare), `unsigned ${url}`);
    }
  });

  it('is none, even with a signature of ours', async () => {
    for (const url of elsewhere()) {
      const parameters = { pomerium_redirect_uri: url, pomerium_browser: 'a'.repeat(43) };
      const link = signUrl(street.url('auth', '/.pomerium/sign_in'), parameters, { keys: [secret], at: Date.now() });
      assertRefused(await visitor().visit(link), url);
    }
  });

  it('is none with a signature for another address', async () => {
    const parameters = { pomerium_redirect_uri: street.url('app', '/page'), pomerium_browser: 'a'.repeat(43) };
    for (const base of [
      street.url('app', '/.pomerium/sign_in'),
      street.url('auth', '/.pomerium/callback/'),
      'https://evil.example/.pomerium/sign_in',
    ]) {
      const { search } = new URL(signUrl(base, parameters, { keys: [secret], at: Date.now() }));
      assertRefused(await visitor().visit(street.url('auth', `/.pomerium/sign_in${search}`)), base);
    }
  });

  const targets = [
    '//evil.example/x',
    '///evil.example',
    '/%2e%2e//evil.example/',
    '/./\t',
    '/@evil.example/',
    '/.evil.example/',
    '/https://evil.example/',
    '/%68ttps:evil.example',
    '/x?next=https://evil.example/',
    '/x?//evil.example\\@x',
    '/;//evil.example',
    '/:443@evil.example/',
    '/%5c%5cevil.example',
    '/\\evil.example',
    '/%0d%0aLocation:%20https://evil.example/',
    '/%0aSet-Cookie:x=y',
    '/x?%0d%0aLocation:%20https://evil.example/',
    '/x?\\r\\nLocation: https://evil.example/',
  ];
  for (const target of targets) {
    it(`is none for who asks for ${JSON.stringify(target)}`, async () => {
      const answer = await askRaw(
        street.house,
        requestText([`GET ${target} HTTP/1.1`, `Host: ${street.authority('app')}`, 'Accept: text/html']),
        { sni: 'app.postern.test' },
      );
      assert.ok(answer?.status === 302 || answer?.status === 400, `${answer?.status}`);
      const locations = [...answer.head.matchAll(/^location: (.*)$/gim)].map(([, value]) => value ?? '');
      assert.equal(locations.length, answer.status === 302 ? 1 : 0);
      for (const location of locations) {
        assert.equal(new URL(location).origin, new URL(street.url('auth')).origin);
        const back = new URL(location).searchParams.get('pomerium_redirect_uri') ?? '';
        assert.equal(new URL(back).origin, new URL(street.url('app')).origin);
        assert.match(back.slice(street.url('app', '').length), /^\/(?!\/)/);
      }
      assert.doesNotMatch(answer.head, /^set-cookie: x=y/im);
    });
  }

  it('is none on the way of a whole sign-in, which ends at the page', async () => {
    const { answer, way } = await visitor().arrive(street.url('app', '//evil.example/?next=//evil.example'));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      [...new Set(way.map((url) => new URL(url).origin))],
      [new URL(street.url('app')).origin, new URL(street.url('auth')).origin],
    );
    assert.match(upstream.bytes(), /^GET \/evil\.example\/\?next=\/\/evil\.example HTTP\/1\.1\r\n/);
  });

  it('is none for a host under a wildcard that the visitor makes up', async () => {
    const hosts = ['evil.example.wild.postern.test', 'a.wild.postern.test.evil.example', 'app.postern.test.evil.example'];
    const answers = hosts.map((host) => askRaw(street.house, requestText(['GET / HTTP/1.1', `Host: ${host}`, 'Accept: text/html'])));
    assert.deepEqual(
      (await Promise.all(answers)).map((answer) => answer?.status),
      [302, 404, 404],
    );
  });

  it('is none at the sign-out, nor at the sign-in of a route host', async () => {
    const steps = signInSteps(street);
    await steps.visitor.arrive(street.url('app', '/page'));
    const query = '?pomerium_redirect_uri=https://evil.example/&post_logout_redirect_uri=https://evil.example/&rd=https://evil.example/';
    const signIn = await steps.visitor.visit(street.url('app', `/.pomerium/sign_in${query}`));
    assert.deepEqual([signIn.status, signIn.headers.location], [302, '/.pomerium/']);
    const signOut = await steps.visitor.visit(street.url('app', `/.pomerium/sign_out${query}`));
    assert.equal(signOut.status, 302);
    const location = new URL(signOut.headers.location ?? '');
    assert.equal(location.origin, street.provider.issuer.origin);
    assert.equal(location.searchParams.get('post_logout_redirect_uri'), street.url('auth', '/.pomerium/signed_out'));
    assert.doesNotMatch(location.href, /evil/);
  });
});
