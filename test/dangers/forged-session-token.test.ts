import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { House } from '../walk/house.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { followProvider, openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { Visitor } from '../walk/visitor.ts';

const secret = randomBytes(32);

function signed(head: unknown, claims: unknown, key: Buffer): string {
  const input = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

/**
 * A session token is a bearer of somebody's rights that leaves the browser: it must not be made, altered, or used elsewhere, also by whoever knows other
 * things that the same secret signs (CVE-2024-47616), and it must not be sent to where a stranger likes (CVE-2021-29651).
 */
describe('a session token in the wrong hands', () => {
  let house: House;
  let provider: ProviderServer;
  let upstream: Recorder;
  let app: string;
  let alice: Visitor;
  let token: string;

  before(async () => {
    const port = await freePort();
    [upstream, provider] = await Promise.all([openRecorder(), openProvider(`https://auth.postern.test:${port}`)]);
    app = `https://app.postern.test:${port}`;
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email]
shared_secret: ${secret.toString('base64')}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://other.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`,
    });
    alice = new Visitor(house, provider);
    await alice.arrive(`${app}/`);
    const { location = '' } = (await alice.visit(await loginUrl('http://127.0.0.1:1/'))).headers;
    token = new URL(location).searchParams.get('pomerium_jwt') ?? '';
    upstream.clear();
  });

  after(async () => {
    for (const each of [house, provider, upstream]) await each[Symbol.asyncDispose]();
  });

  async function loginUrl(redirect: string): Promise<string> {
    const { status, body } = await ask(house, `${app}/.pomerium/api/v1/login?pomerium_redirect_uri=${encodeURIComponent(redirect)}`);
    assert.equal(status, 200);
    return body;
  }

  async function isRefused(credential: string, host = app): Promise<void> {
    const { status } = await ask(house, `${host}/`, { headers: { authorization: `Pomerium ${credential}` } });
    assert.deepEqual([status, upstream.bytes()], [401, ''], credential);
  }

  it('is not made from what else the secret is good for, and not altered', async () => {
    const claims = decodeJwt(token);
    const head = { alg: 'HS256', typ: 'JWT' };
    for (const key of [secret, Buffer.from(secret.toString('base64')), Buffer.alloc(32), Buffer.alloc(0)])
      await isRefused(signed(head, claims, key));
    const [first = '', payload = '', signature = ''] = token.split('.');
    const later = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    for (const forged of [
      `${first}.${later}.${signature}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${first}.${payload}.`,
      claims['sid'],
    ])
      await isRefused(String(forged));
  });

  it('is no cookie, and the cookie is no token', async () => {
    await isRefused(alice.jar.cookie(`${app}/`, '_pomerium') ?? '');
    const { status } = await ask(house, `${app}/`, { headers: { cookie: `_pomerium=${token}`, accept: 'application/json' } });
    assert.deepEqual([status, upstream.bytes()], [401, '']);
  });

  it('is worthless at another host', async () => {
    await isRefused(token, app.replace('app.', 'other.'));
  });

  it('is sent only to hosts of the list', async () => {
    for (const redirect of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      'https:evil.example',
      'http://127.0.0.1@evil.example/',
      'http://evil.example\\@127.0.0.1/',
      'http://evil.example#@127.0.0.1/',
      'http://localhost.evil.example/',
      'http://127.0.0.1.evil.example/',
      `${app}/`,
      'javascript:alert(1)//localhost',
      'data:text/html,localhost',
      'http://localhost/%0d%0aX: y\r\nX: y',
      'http://localhost\u0000.evil.example/',
    ]) {
      const url = `${app}/.pomerium/api/v1/login?pomerium_redirect_uri=${encodeURIComponent(redirect)}`;
      const { status, headers, body } = await ask(house, url);
      assert.deepEqual([status, headers.location, body.includes('evil')], [400, undefined, false], redirect);
      const direct = await alice.visit(
        `${app}/.pomerium/programmatic_login?pomerium_login=x&pomerium_redirect_uri=${encodeURIComponent(redirect)}`,
      );
      assert.deepEqual([direct.status, direct.headers.location], [400, undefined], redirect);
    }
  });

  it('is not sent by a link of another page of ours, nor are others sent by a login URL', async () => {
    const login = new URL(await loginUrl('http://127.0.0.1:1/'));
    const elsewhere = ['/.pomerium/callback/', '/.pomerium/sign_in', '/.pomerium/programmatic_login/x'];
    for (const path of elsewhere) {
      const { status, headers } = await alice.visit(`${app}${path}${login.search}`);
      assert.ok(!(headers.location ?? '').includes('pomerium_jwt') && status !== 200, path);
    }
    const bob = new Visitor(house, provider);
    const start = (await bob.visit(`${app}/`)).headers.location ?? '';
    const atProvider = (await bob.visit(start)).headers.location ?? '';
    const handOver = (await bob.visit(await followProvider(provider, bob.jar, atProvider))).headers.location ?? '';
    const { status, headers } = await alice.visit(`${app}/.pomerium/programmatic_login${new URL(handOver).search}`);
    assert.deepEqual([status, headers.location], [400, undefined]);
  });
});
