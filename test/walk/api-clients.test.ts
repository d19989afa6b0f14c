import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { ProviderServer } from '../identity/provider-server.ts';
import { followProvider, openProvider } from '../identity/provider-server.ts';
import type { Answer, House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';

const landing = 'http://127.0.0.1:8089/landing?tab=2';

/** What a program does that has no browser of its own: it asks for a URL, somebody signs in there, and it gets a token. */
describe('a program that asks somebody to sign in for it', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let app: string;
  let other: string;
  let port: number;

  before(async () => {
    port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    app = `https://app.postern.test:${port}`;
    other = `https://other.postern.test:${port}`;
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email]
pass_identity_headers: true
jwt_claims_headers: [email]
routes:
  - {name: app, from: https://app.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: other, from: https://other.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: public, from: https://public.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  async function loginUrl(at = app, redirect = landing): Promise<string> {
    const answer = await ask(house, `${at}/.pomerium/api/v1/login?pomerium_redirect_uri=${encodeURIComponent(redirect)}`);
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'text/plain; charset=utf-8']);
    return answer.body;
  }

  /** Goes through the sign-in until the browser is sent to the program. */
  async function landingOf(visitor: Visitor, url: string): Promise<URL> {
    let at = url;
    for (let hops = 0; hops < 12; hops += 1) {
      const { location } = at.startsWith(provider.issuer.origin) ? { location: undefined } : (await visitor.visit(at)).headers;
      const next = location ?? (await followProvider(provider, visitor.jar, at));
      if (next.startsWith('http://127.0.0.1:8089/')) return new URL(next);
      at = new URL(next, at).href;
    }
    return assert.fail('never sent to the program');
  }

  async function tokenOf(visitor: Visitor, at = app): Promise<string> {
    const landed = await landingOf(visitor, await loginUrl(at));
    return landed.searchParams.get('pomerium_jwt') ?? assert.fail('no token');
  }

  function show(headers: Readonly<Record<string, string>>, at = `${app}/page`): Promise<Answer> {
    return ask(house, at, { headers: { accept: 'text/html', ...headers } });
  }

  it('gets a token of the session at the address it listens on', async () => {
    const landed = await landingOf(new Visitor(house, provider), await loginUrl());
    const token = landed.searchParams.get('pomerium_jwt') ?? '';
    const { iss, aud, sub, exp = 0, iat = 0, jti, sid } = decodeJwt(token);
    assert.deepEqual([landed.origin, landed.pathname, landed.searchParams.get('tab')], ['http://127.0.0.1:8089', '/landing', '2']);
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'HS256', typ: 'JWT' });
    assert.deepEqual([iss, aud, sub, typeof jti, typeof sid], ['app.postern.test', 'app.postern.test', 'alice', 'string', 'string']);
    assert.ok(exp - iat > 13 * 3600 && exp - iat <= 14 * 3600);
  });

  it('is let in with it, in each of the three ways, and the upstream learns who asks and not by which token', async () => {
    const token = await tokenOf(new Visitor(house, provider));
    const ways: readonly Readonly<Record<string, string>>[] = [
      { authorization: `Pomerium ${token}` },
      { authorization: `Bearer Pomerium-${token}` },
      { 'x-pomerium-authorization': token },
    ];
    for (const way of ways) {
      const { status, body } = await show(way);
      assert.equal(status, 200, JSON.stringify(way));
      assert.equal((JSON.parse(body) as Seen).headers['x-pomerium-claim-email'], 'alice@example.com');
      assert.ok(!body.includes(token.split('.')[2] ?? token));
    }
    assert.equal((await show({ authorization: `pomerium ${token}`, 'x-pomerium-authorization': token })).status, 200);
  });

  it('is told 401, and never sent to a page, with a token that does not count', async () => {
    const token = await tokenOf(new Visitor(house, provider));
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { authorization: 'Pomerium' },
      { authorization: 'Pomerium x' },
      { authorization: `Pomerium ${token} x` },
      { authorization: `Pomerium ${token}, ${token}` },
      { authorization: `Pomerium ${token}=` },
      { authorization: `Pomerium ${token.slice(0, -1)}` },
      { authorization: `Pomerium ${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` },
      { authorization: `Pomerium-${token}` },
      { authorization: `Pomerium-IDP-Access-Token ${token}` },
      { authorization: `Bearer Pomerium-${token}.` },
      { 'x-pomerium-authorization': `Pomerium ${token}` },
      { 'x-pomerium-authorization': '' },
      { 'x-pomerium-authorization': token, authorization: 'Pomerium x' },
    ];
    for (const headers of wrong) {
      const { status, headers: sent } = await show(headers);
      assert.deepEqual([status, sent.location], [401, undefined], JSON.stringify(headers));
    }
    const line = await house.logLine((each) => each['status'] === 401 && each['route'] === 'app');
    assert.deepEqual([line['decision'], line['reasons'], line['user']], ['sign-in', ['user-unauthenticated'], null]);
  });

  it('is told 401 with a token in the query, however good it is', async () => {
    const visitor = new Visitor(house, provider);
    const token = await tokenOf(visitor);
    const url = `${app}/page?pomerium_session=${token}`;
    const [alone, beside, without] = [await show({}, url), await visitor.visit(url), await show({})];
    assert.deepEqual([alone.status, alone.headers.location, beside.status, without.status], [401, undefined, 200, 302]);
  });

  it('is nobody at another host, and the authenticate host is another one', async () => {
    const token = await tokenOf(new Visitor(house, provider));
    const statuses = [];
    for (const url of [`${other}/`, `https://auth.postern.test:${port}/.pomerium/user`, `${other}/.pomerium/user`, `${app}/.pomerium/user`])
      statuses.push((await show({ authorization: `Pomerium ${token}` }, url)).status);
    assert.deepEqual(statuses, [401, 401, 401, 200]);
  });

  it('is nobody with the tokens of two sessions, or with one beside the cookie of another', async () => {
    const [alice, again] = [new Visitor(house, provider), new Visitor(house, provider)];
    const [token, second] = [await tokenOf(alice), await tokenOf(again)];
    const mixed = await show({ authorization: `Pomerium ${token}`, 'x-pomerium-authorization': second });
    const beside = await again.visit(`${app}/page`, { headers: { authorization: `Pomerium ${token}` } });
    const own = await again.visit(`${app}/page`, { headers: { authorization: `Pomerium ${second}` } });
    assert.deepEqual([mixed.status, beside.status, own.status], [401, 401, 200]);
  });

  it('is let in where nobody has to sign in, whatever it shows', async () => {
    const answer = await show({ authorization: 'Pomerium x' }, `https://public.postern.test:${port}/`);
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.body, /Pomerium x|x-pomerium-jwt-assertion/i);
  });

  it('loses the token with the session', async () => {
    const visitor = new Visitor(house, provider);
    const token = await tokenOf(visitor);
    const first = await show({ authorization: `Pomerium ${token}` });
    await visitor.visit(`${app}/.pomerium/sign_out`);
    const afterwards = await show({ authorization: `Pomerium ${token}` });
    assert.deepEqual([first.status, afterwards.status], [200, 401]);
  });

  it('gets one token for one URL', async () => {
    const visitor = new Visitor(house, provider);
    const url = await loginUrl();
    await landingOf(visitor, url);
    const twice = await visitor.visit(url);
    assert.deepEqual([twice.status, twice.headers.location], [400, undefined]);
  });

  it('gets none by a URL that was changed, or opened in a frame of another site', async () => {
    const visitor = new Visitor(house, provider);
    await tokenOf(visitor);
    const url = await loginUrl();
    const changed = [
      url.replace('8089', '8090'),
      `${url}&x=1`,
      url.replace('app.postern.test', 'other.postern.test'),
      url.replace(/pomerium_login=[^&]+/, 'pomerium_login=other'),
      url.replace(/&pomerium_signature=.*/, ''),
    ];
    for (const each of changed) {
      const { status, headers } = await visitor.visit(each);
      assert.deepEqual([status, headers.location], [400, undefined], each);
    }
    for (const destination of ['iframe', 'image', 'empty']) {
      const { status, headers } = await visitor.visit(url, { headers: { 'sec-fetch-dest': destination } });
      assert.deepEqual([status, headers.location], [400, undefined], destination);
    }
    assert.equal((await visitor.visit(url, { headers: { 'sec-fetch-dest': 'document' } })).status, 302);
  });

  it('is told what it may not ask for', async () => {
    const api = `${app}/.pomerium/api/v1/login`;
    const good = `?pomerium_redirect_uri=${encodeURIComponent(landing)}`;
    const statuses = [];
    for (const [url, method] of [
      [api, 'GET'],
      [`${api}${good}`, 'POST'],
      [`${api}${good}`, 'HEAD'],
      [`${api}${good}&pomerium_redirect_uri=http://localhost/`, 'GET'],
      [`${api}?pomerium_redirect_uri=`, 'GET'],
      [`${api}?pomerium_redirect_uri=https://cli.corp.example/`, 'GET'],
      [`https://auth.postern.test:${port}/.pomerium/api/v1/login${good}`, 'GET'],
      [`https://unknown.postern.test:${port}/.pomerium/api/v1/login${good}`, 'GET'],
      [`${app}/.pomerium/programmatic_login`, 'GET'],
    ] as const)
      statuses.push((await ask(house, url, { method })).status);
    assert.deepEqual(statuses, [404, 405, 405, 400, 400, 400, 404, 404, 400]);
  });
});
