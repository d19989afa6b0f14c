import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inline } from '../dangers/revocation-lists.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { client, followProvider, openProvider } from '../identity/provider-server.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { Seen } from '../walk/recorder.ts';
import { openEcho } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Opened } from './open-at.ts';
import { openAt } from './open-at.ts';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

/** What the keys about people do, for somebody who signed in at a real provider. */
describe('a key about people', () => {
  let pki: Pki;
  let echo: AsyncDisposable & { readonly url: string };
  let provider: ProviderServer;
  let house: Opened;
  let port: number;
  let directory: string;
  let config: string;
  let alice: Visitor;
  const signingKeys = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pkcs8),
  ];

  before(async () => {
    [pki, echo, port] = await Promise.all([makePki(), openEcho(), freePort()]);
    directory = await mkdtemp(join(tmpdir(), 'postern-people-'));
    provider = await openProvider(`https://auth.postern.test:${port}`);
    const any = `to: '${echo.url}', allow_any_authenticated_user: true`;
    config = `address: 127.0.0.1:${port}
health_check_addr: 127.0.0.1:0
certificates: [{cert: server.pem, key: server.key}]
authenticate_service_url: https://auth.postern.test:${port}
signout_redirect_url: https://www.postern.test/goodbye
idp_provider: oidc
idp_provider_url: ${provider.issuer.href}
idp_client_id: ${client.id}
idp_client_secret_file: idp-secret
idp_scopes: [openid, profile, email, offline_access]
idp_request_params: {prompt: consent, ui_locales: pl}
cookie_name: _corp
cookie_expire: 2h
cookie_same_site: strict
cookie_http_only: false
databroker_storage_type: file
databroker_storage_connection_string: file:///pomerium/broker
signing_key: ${inline(signingKeys.join(''))}
pass_identity_headers: true
jwt_issuer_format: URI
jwt_claims_headers: {X-Mail: email, X-Teams: groups, X-Country: address.country, X-None: no_such_claim}
runtime_flags: {pomerium_jwt_endpoint: true}
routes:
  - {from: https://app.postern.test, ${any}}
  - {from: https://silent.postern.test, ${any}, pass_identity_headers: false}
  - {from: https://host.postern.test, ${any}, jwt_issuer_format: hostOnly}
  - from: https://tokens.postern.test
    to: ${echo.url}
    allow_any_authenticated_user: true
    set_request_headers:
      Authorization: Bearer \${pomerium.access_token}
      X-Id: \${pomerium.id_token}
      X-Jwt: \${pomerium.jwt}
  - {from: https://kubernetes.postern.test, ${any}, kubernetes_service_account_token: cluster-token}
  - {from: https://claims.postern.test, to: '${echo.url}', allowed_idp_claims: {groups: [nobody, staff]}}
  - {from: https://shut.postern.test, to: '${echo.url}', allowed_idp_claims: {groups: [nobody]}}
`;
    house = await open();
    alice = new Visitor({ port, pki }, provider);
    assert.equal((await alice.arrive(at('app'))).answer.status, 200);
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  function open(): Promise<Opened> {
    const files = { 'server.pem': pki.server.certificatePem, 'server.key': pki.server.keyPem, 'idp-secret': `${client.secret}\n` };
    return openAt({ config, files, directory });
  }

  const at = (host: string, path = '/'): string => `https://${host}.postern.test:${port}${path}`;

  async function seen(host: string): Promise<Seen> {
    const { answer } = await alice.arrive(at(host));
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as Seen;
  }

  it('jwt_claims_headers: each header has its claim, and one that is missing is sent empty', async () => {
    const { headers } = await seen('app');
    assert.deepEqual(
      ['x-mail', 'x-teams', 'x-country', 'x-none'].map((name) => headers[name]),
      ['alice@example.com', 'admins,staff', 'PL', ''],
    );
  });

  it('pass_identity_headers: a route may say otherwise, and then a client cannot say it either', async () => {
    const cookie = (await seen('silent')).headers['cookie'];
    const { body } = await alice.visit(at('silent'), { headers: { 'x-mail': 'root@example.com', 'x-pomerium-jwt-assertion': 'x' } });
    const { headers } = JSON.parse(body) as Seen;
    assert.deepEqual([headers['x-mail'], headers['x-pomerium-jwt-assertion'], cookie], [undefined, undefined, undefined]);
  });

  it('jwt_issuer_format: a URL, or the host where the route says so; the audience is the host either way', async () => {
    const claims = await Promise.all(
      ['app', 'host'].map(async (host) => decode((await seen(host)).headers['x-pomerium-jwt-assertion'] ?? '')),
    );
    assert.deepEqual(
      claims.map(({ claims: { iss, aud, sub, email, groups } }) => ({ iss, aud, sub, email, groups })),
      [
        {
          iss: 'https://app.postern.test/',
          aud: 'app.postern.test',
          sub: 'alice',
          email: 'alice@example.com',
          groups: ['admins', 'staff'],
        },
        { iss: 'host.postern.test', aud: 'host.postern.test', sub: 'alice', email: 'alice@example.com', groups: ['admins', 'staff'] },
      ],
    );
    for (const { claims: each } of claims) assert.equal(Number(each['exp']) - Number(each['iat']), 300);
  });

  it('signing_key: the first of several signs, and all are published', async () => {
    const { header } = decode((await seen('app')).headers['x-pomerium-jwt-assertion'] ?? '');
    const { body, headers } = await ask({ port, pki }, at('app', '/.well-known/pomerium/jwks.json'));
    const { keys } = JSON.parse(body) as { keys: readonly { kid: string; kty: string; alg: string; d?: string }[] };
    assert.deepEqual(
      keys.map(({ kty, alg, d }) => [kty, alg, d]),
      [
        ['RSA', 'RS256', undefined],
        ['EC', 'ES256', undefined],
      ],
    );
    assert.deepEqual([header['alg'], header['kid']], ['RS256', keys[0]?.kid]);
    assert.equal(headers['access-control-allow-origin'], '*');
  });

  it('set_request_headers: the tokens of the session', async () => {
    const { headers } = await seen('tokens');
    assert.match(headers['authorization'] ?? '', /^Bearer \S{20,}$/);
    assert.equal(decode(headers['x-id'] ?? '').claims['iss'], provider.issuer.origin);
    assert.equal(decode(headers['x-jwt'] ?? '').claims['aud'], 'tokens.postern.test');
  });

  it('kubernetes_service_account_token: the cluster hears from Postern alone who is asking', async () => {
    const forged = { authorization: 'Bearer mine', 'impersonate-user': 'root', 'impersonate-uid': '0', 'impersonate-extra-scopes': 'all' };
    await alice.arrive(at('kubernetes'));
    const { status, body } = await alice.visit(at('kubernetes', '/api/v1/pods'), { headers: forged });
    assert.equal(status, 200, body);
    const { headers } = JSON.parse(body) as Seen;
    const told = Object.entries(headers).filter(([name]) => name === 'authorization' || name.startsWith('impersonate-'));
    assert.deepEqual(Object.fromEntries(told), {
      authorization: 'Bearer cluster-token',
      'impersonate-user': 'alice@example.com',
      'impersonate-group': 'admins,staff',
    });
  });

  it('allowed_idp_claims: one of the values of one of the claims', async () => {
    assert.equal((await alice.arrive(at('claims'))).answer.status, 200);
    assert.equal((await alice.arrive(at('shut'))).answer.status, 403);
  });

  it('cookie_…: name, lifetime and attributes', async () => {
    const visitor = new Visitor({ port, pki }, provider);
    const { way } = await visitor.arrive(at('app'));
    const fresh = new Visitor({ port, pki }, provider);
    let cookie = '';
    let url = at('app');
    // The same way once more, a step at a time, to see the cookie that the route host sets.
    for (let hops = 0; hops < way.length && cookie === ''; hops += 1) {
      const { headers } = await fresh.visit(url);
      cookie = (headers['set-cookie'] ?? []).find((each) => each.startsWith('_corp=')) ?? '';
      const next = new URL(headers.location ?? '', url).href;
      url = next.startsWith(provider.issuer.origin) ? await followProvider(provider, fresh.jar, next) : next;
    }
    const [, ...attributes] = cookie.split('; ');
    const lifetime = Number(/max-age=(\d+)/i.exec(cookie)?.[1]);
    assert.ok(lifetime > 7100 && lifetime <= 7200, 'counted from the moment of the sign-in');
    assert.deepEqual(attributes.map((each) => each.toLowerCase().replace(/\d+/, '')).toSorted(), [
      'max-age=',
      'path=/',
      'samesite=strict',
      'secure',
    ]);
  });

  it('idp_request_params and idp_scopes: what the provider is asked', async () => {
    const visitor = new Visitor({ port, pki }, provider);
    let url = at('app');
    for (let hops = 0; hops < 5 && !url.startsWith(provider.issuer.origin); hops += 1)
      url = new URL((await visitor.visit(url)).headers.location ?? '', url).href;
    const { searchParams } = new URL(url);
    assert.deepEqual(
      ['prompt', 'ui_locales', 'scope', 'client_id', 'code_challenge_method'].map((name) => searchParams.get(name)),
      ['consent', 'pl', 'openid profile email offline_access', client.id, 'S256'],
    );
  });

  it('runtime_flags: pomerium_jwt_endpoint', async () => {
    const { status, body } = await alice.visit(at('app', '/.pomerium/jwt'));
    assert.deepEqual([status, decode(body.trim()).claims['aud']], [200, 'app.postern.test']);
  });

  it('databroker_storage_type: file keeps who is signed in over a restart', async () => {
    await house[Symbol.asyncDispose]();
    house = await open();
    const { status, body } = await alice.visit(at('app'));
    assert.deepEqual([status, (JSON.parse(body) as Seen).headers['x-mail']], [200, 'alice@example.com']);
  });

  it('signout_redirect_url: where people go after they signed out, last of all', async () => {
    const visitor = new Visitor({ port, pki }, provider);
    await visitor.arrive(at('app'));
    let url = at('app', '/.pomerium/sign_out');
    for (let hops = 0; hops < 6 && !url.startsWith('https://www.postern.test/'); hops += 1) {
      const { headers, status } = await visitor.visit(url);
      assert.equal(status, 302, url);
      url = new URL(headers.location ?? '', url).href;
      if (url.startsWith(provider.issuer.origin)) {
        const back = new URL(url).searchParams.get('post_logout_redirect_uri');
        url = back ?? assert.fail('the provider is not told where to go on');
      }
    }
    assert.equal(url, 'https://www.postern.test/goodbye');
  });
});

type Claims = Readonly<Record<string, unknown>>;

function decode(jwt: string): { readonly header: Claims; readonly claims: Claims } {
  const [header = '', claims = ''] = jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header) as Claims, claims: JSON.parse(claims) as Claims };
}
