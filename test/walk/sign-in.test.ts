import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { Visitor } from './visitor.ts';
import { signInKeys } from './sign-in-keys.ts';

/** The walk of somebody who signs in, over real sockets, at a real OpenID provider. */
describe('a visitor who signs in', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let at: (host: string, path?: string) => string;

  before(async () => {
    const port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    at = (host, path = '/') => `https://${host}.postern.test:${port}${path}`;
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email, offline_access]
state_directory: state
pass_identity_headers: true
jwt_claims_headers: [email, groups]
routes:
  - {name: app, from: https://app.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: admins, from: https://admins.postern.test, to: ${echo.url}, policy: {allow: {or: [{groups: {has: admins}}]}}}
  - {name: public, from: https://public.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  it('is sent to the provider and back to the very page, and the upstream learns who it is', async () => {
    const visitor = new Visitor(house, provider);
    const url = at('app', '/some/page?x=1&y=%2F');
    const { answer, way } = await visitor.arrive(url);
    assert.equal(answer.status, 200);
    assert.equal(way.at(-1), url);
    const seen = JSON.parse(answer.body) as Seen;
    assert.equal(seen.target, '/some/page?x=1&y=%2F');
    assert.equal(seen.headers['x-pomerium-claim-email'], 'alice@example.com');
    assert.equal(seen.headers['x-pomerium-claim-groups'], 'admins,staff');
    assert.match(seen.headers['x-pomerium-jwt-assertion'] ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal(seen.headers['cookie'], undefined, 'no cookie of ours reaches an upstream');
    const line = await house.logLine((each) => each['status'] === 200 && each['path'] === '/some/page');
    assert.deepEqual([line['user'], line['email'], line['decision'], line['route']], ['alice', 'alice@example.com', 'allow', 'app']);
  });

  it('is not asked again on another host, and is told nothing there when the policy says no', async () => {
    provider.account = 'bob';
    const visitor = new Visitor(house, provider);
    assert.equal((await visitor.arrive(at('app'))).answer.status, 200);
    const { answer } = await visitor.arrive(at('admins'));
    provider.account = 'alice';
    assert.equal(answer.status, 403);
    assert.doesNotMatch(answer.body, /admins,|claim|groups-unauthorized/);
    const line = await house.logLine((each) => each['status'] === 403);
    assert.deepEqual([line['decision'], line['reasons'], line['user']], ['deny', ['groups-unauthorized'], 'bob']);
  });

  it('is somebody on public routes too, and nobody is nobody there', async () => {
    const visitor = new Visitor(house, provider);
    const stranger = JSON.parse((await visitor.visit(at('public'))).body) as Seen;
    assert.deepEqual(identityNames(stranger), []);
    await visitor.arrive(at('app'));
    const cookie = visitor.jar.cookie(at('app'), '_pomerium');
    assert.ok(cookie !== undefined);
    const stolen = JSON.parse((await visitor.visit(at('public'), { headers: { cookie: `_pomerium=${cookie}` } })).body) as Seen;
    assert.deepEqual(identityNames(stolen), [], 'the cookie of one host is worth nothing at another');
  });

  it('gets 401 instead of a redirect as a program, a script or a socket', async () => {
    const visitor = new Visitor(house);
    const program = await visitor.visit(at('app'), { headers: { accept: 'application/json' } });
    assert.equal(program.status, 401);
    const script = await visitor.visit(at('app'), { headers: { 'sec-fetch-mode': 'cors' } });
    assert.equal(script.status, 401);
    assert.deepEqual(Object.keys(JSON.parse(program.body) as object).toSorted(), ['error', 'request_id']);
    assert.equal(program.headers['set-cookie'], undefined);
  });

  it('is signed out everywhere at once', async () => {
    const visitor = new Visitor(house, provider);
    await visitor.arrive(at('app'));
    await visitor.arrive(at('admins'));
    const copies = [at('app'), at('admins')].map((url) => [url, visitor.jar.cookies(url)] as const);
    const out = await visitor.visit(at('app', '/.pomerium/sign_out'), { headers: { 'sec-fetch-site': 'none' } });
    assert.equal(out.status, 302);
    for (const [url, cookie] of copies) {
      const answer = await new Visitor(house).visit(url, { headers: { cookie } });
      assert.equal(answer.status, 302, `the old cookie still opens ${url}`);
    }
  });

  it('stays signed in when somebody else’s page asks for the sign-out', async () => {
    const visitor = new Visitor(house, provider);
    await visitor.arrive(at('app'));
    const out = await visitor.visit(at('app', '/.pomerium/sign_out'), { headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(out.status, 200);
    assert.match(out.body, /<form[^>]+method="post"/);
    assert.equal((await visitor.visit(at('app'))).status, 200);
  });

  it('finds the session again after a restart', async () => {
    const visitor = new Visitor(house, provider);
    await visitor.arrive(at('app'));
    assert.equal(await house.server.reload(), true);
    assert.equal((await visitor.visit(at('app'))).status, 200);
  });
});

function identityNames(seen: Seen): readonly string[] {
  return Object.keys(seen.headers).filter((name) => name.startsWith('x-pomerium-'));
}
