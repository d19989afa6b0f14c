import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { Browser } from '../identity/browser.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { client, followProvider, openProvider } from '../identity/provider-server.ts';
import type { TokenIssuer } from '../identity/token-issuer.ts';
import { openTokenIssuer } from '../identity/token-issuer.ts';
import type { Answer, House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';

/** `Authorization: Bearer`, as each route says what it is. */
describe('a bearer token', () => {
  let house: House;
  let provider: ProviderServer;
  let robots: TokenIssuer;
  let machines: TokenIssuer;
  let echo: AsyncDisposable & { readonly url: string };
  let port: number;
  let tokens: { readonly access: string; readonly id: string };

  before(async () => {
    port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    [robots, machines] = await Promise.all([openTokenIssuer(), openTokenIssuer()]);
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email]
pass_identity_headers: true
jwt_claims_headers: [email, groups, sub]
bearer_token_format: jwt
identity_providers:
  robots: {issuer: '${robots.issuer}', audiences: ['https://api.example']}
  machines: {issuer: '${machines.issuer}', jwks_url: '${machines.issuer}/keys', audiences: ['https://api.example', other]}
idp_access_token_allowed_audiences: [${client.id}]
routes:
  - {name: jwt, from: https://jwt.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: robots, from: https://robots.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, identity_providers: [robots]}
  - {name: staff, from: https://staff.postern.test, to: ${echo.url}, policy: [{allow: {and: [{claim/groups: staff}, {user: robots/alice}]}}]}
  - {name: id, from: https://id.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, bearer_token_format: idp_identity_token}
  - {name: access, from: https://access.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, bearer_token_format: idp_access_token}
  - {name: foreign, from: https://foreign.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, bearer_token_format: idp_access_token, idp_access_token_allowed_audiences: [somebody-else]}
  - {name: plain, from: https://plain.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, bearer_token_format: default}
  - {name: public, from: https://public.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true}
  - name: tokens
    from: https://tokens.postern.test
    to: ${echo.url}
    allow_any_authenticated_user: true
    bearer_token_format: idp_access_token
    set_request_headers: {X-Access: '\${pomerium.access_token}'}
`,
    });
    tokens = await tokensOfProvider();
  });

  after(async () => {
    for (const each of [house, provider, robots, machines, echo]) await each[Symbol.asyncDispose]();
  });

  /** What the provider gives a program that signs somebody in by itself, under the client id of Postern. */
  async function tokensOfProvider(): Promise<{ readonly access: string; readonly id: string }> {
    const callback = `https://auth.postern.test:${port}/oauth2/callback`;
    const query = new URLSearchParams({
      client_id: client.id,
      response_type: 'code',
      scope: 'openid profile email',
      redirect_uri: callback,
    });
    query.set('code_challenge', createHash('sha256').update('v'.repeat(43)).digest('base64url'));
    query.set('code_challenge_method', 'S256');
    const back = await followProvider(provider, new Browser(), `${provider.issuer.href}auth?${query.toString()}`);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(back).searchParams.get('code') ?? '',
      redirect_uri: callback,
      code_verifier: 'v'.repeat(43),
    });
    const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
    const answer = await fetch(`${provider.issuer.href}token`, { method: 'POST', body, headers: { authorization } });
    const { access_token: access, id_token: id } = (await answer.json()) as { readonly access_token: string; readonly id_token: string };
    return { access, id };
  }

  function show(host: string, token: string | undefined, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return ask(house, `https://${host}.postern.test:${port}/page`, { headers: { accept: 'text/html', ...authorization, ...headers } });
  }

  /** The page of our own that says who asks. */
  function askOurPage(host: string, token: string): Promise<Answer> {
    return ask(house, `https://${host}.postern.test:${port}/.pomerium/user`, { headers: { authorization: `Bearer ${token}` } });
  }

  async function seenBy(host: string, token: string): Promise<Seen['headers']> {
    const { status, body } = await show(host, token);
    assert.equal(status, 200);
    return (JSON.parse(body) as Seen).headers;
  }

  it('of an issuer says who asks: to the policy, in headers and in the assertion', async () => {
    const token = await robots.sign();
    const seen = await seenBy('staff', token);
    const { sub, email, groups, sid, exp = 0, iat = 0 } = decodeJwt(seen['x-pomerium-jwt-assertion'] ?? '');
    assert.deepEqual([sub, email, groups, exp - iat], ['robots/alice', 'alice@example.com', ['staff'], 300]);
    assert.match(String(sid), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(
      [seen['x-pomerium-claim-sub'], seen['x-pomerium-claim-groups'], seen['authorization']],
      ['robots/alice', 'staff', `Bearer ${token}`],
    );
    const again = await seenBy('staff', token);
    assert.equal(again['x-pomerium-jwt-assertion'], seen['x-pomerium-jwt-assertion']);
    const line = await house.logLine((each) => each['route'] === 'staff');
    assert.deepEqual([line['user'], line['email'], line['decision']], ['robots/alice', 'alice@example.com', 'allow']);
  });

  it('of another issuer is somebody else, with the same name and all', async () => {
    const token = await machines.sign();
    const { status } = await show('staff', token);
    const seen = await seenBy('jwt', token);
    assert.deepEqual([status, seen['x-pomerium-claim-sub']], [403, 'machines/alice']);
  });

  it('of an issuer that the route does not name is refused there', async () => {
    const [robot, machine] = [await robots.sign(), await machines.sign()];
    const statuses = [];
    for (const [host, token] of [
      ['robots', robot],
      ['robots', machine],
      ['jwt', machine],
      ['robots', machine],
    ] as const)
      statuses.push((await show(host, token)).status);
    assert.deepEqual(statuses, [200, 403, 200, 403]);
  });

  it('that does not count is told 403 and why in the log, and is never sent to a page', async () => {
    for (const token of ['x', 'a.b.c', tokens.access, tokens.id, 'a b', ''])
      assert.deepEqual([(await show('jwt', token)).status, (await show('jwt', token)).headers.location], [403, undefined], token);
    const line = await house.logLine((each) => each['route'] === 'jwt' && each['status'] === 403);
    assert.deepEqual([line['decision'], line['reasons'], line['user']], ['deny', ['bearer-token-invalid'], null]);
    assert.ok(house.rawLog.every((each) => !each.includes(tokens.access) && !each.includes(tokens.id)));
  });

  it('of the provider is that of whoever signed in there', async () => {
    const id = await seenBy('id', tokens.id);
    const access = await seenBy('access', tokens.access);
    assert.deepEqual([id['x-pomerium-claim-sub'], access['x-pomerium-claim-sub']], ['alice', 'alice']);
    assert.deepEqual([access['x-pomerium-claim-email'], access['x-pomerium-claim-groups']], ['alice@example.com', 'admins,staff']);
    assert.deepEqual([(await show('id', tokens.access)).status, (await show('access', tokens.id)).status], [403, 403]);
  });

  it('of the provider that was made out to others is refused', async () => {
    assert.deepEqual([(await show('foreign', tokens.access)).status, (await show('foreign', tokens.id)).status], [403, 403]);
  });

  it('is asked about once, however many requests come with it', async () => {
    const [asked, read] = [provider.requests.get('/token/introspection') ?? 0, machines.keysRead];
    const fresh = await tokensOfProvider();
    const signed = await machines.sign({ jti: 'once' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => [show('access', fresh.access), show('jwt', signed)]).flat());
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual([(provider.requests.get('/token/introspection') ?? 0) - asked, machines.keysRead - read], [1, 0]);
  });

  it('of the provider is there for an upstream that is given it', async () => {
    const seen = await seenBy('tokens', tokens.access);
    assert.equal(seen['x-access'], tokens.access);
  });

  it('is the affair of the application where nothing is said', async () => {
    const stranger = await show('plain', 'of-the-app');
    const anybody = await show('public', 'of-the-app');
    assert.deepEqual([stranger.status, anybody.status], [302, 200]);
    assert.equal((JSON.parse(anybody.body) as Seen).headers['authorization'], 'Bearer of-the-app');
    const visitor = new Visitor(house, provider);
    await visitor.arrive(`https://plain.postern.test:${port}/page`);
    const { status, body } = await visitor.visit(`https://plain.postern.test:${port}/page`, {
      headers: { authorization: 'Bearer of-the-app' },
    });
    assert.deepEqual([status, (JSON.parse(body) as Seen).headers['authorization']], [200, 'Bearer of-the-app']);
  });

  it('counts after a session, and where the session is over it counts alone', async () => {
    const page = `https://jwt.postern.test:${port}/page`;
    const visitor = new Visitor(house, provider);
    await visitor.arrive(page);
    const headers = { authorization: `Bearer ${await robots.sign()}` };
    const whoBefore = (JSON.parse((await visitor.visit(page, { headers })).body) as Seen).headers['x-pomerium-claim-sub'];
    const stolen = visitor.jar.cookies(page);
    await visitor.visit(`https://jwt.postern.test:${port}/.pomerium/sign_out`);
    const later = await ask(house, page, { headers: { ...headers, cookie: stolen } });
    assert.deepEqual([whoBefore, (JSON.parse(later.body) as Seen).headers['x-pomerium-claim-sub']], ['alice', 'robots/alice']);
  });

  it('counts on pages of our own as the top level says, where a route of the host takes it too', async () => {
    const [good, other] = [await askOurPage('robots', await robots.sign()), await askOurPage('robots', tokens.id)];
    assert.deepEqual([good.status, (JSON.parse(good.body) as Record<string, unknown>)['sub'], other.status], [200, 'robots/alice', 403]);
    const machine = await machines.sign();
    const statuses = [];
    for (const host of ['jwt', 'robots', 'id', 'auth']) statuses.push((await askOurPage(host, machine)).status);
    assert.deepEqual(statuses, [200, 403, 302, 401]);
  });

  it('gets 503 while whoever knows about it can not be asked', async () => {
    await using gone = await openTokenIssuer();
    assert.equal((await show('jwt', await gone.sign())).status, 403);
    const fresh = await tokensOfProvider();
    provider.down = true;
    const [unknown, known] = [await show('access', fresh.access), await show('access', tokens.access)];
    provider.down = false;
    assert.deepEqual([unknown.status, known.status, (await show('access', fresh.access)).status], [503, 200, 200]);
  });
});
