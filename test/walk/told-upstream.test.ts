import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { explained } from '../dangers/explained.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { Visitor } from './visitor.ts';
import { signInKeys } from './sign-in-keys.ts';

const routes = (to: string): string => `
  - name: tokens
    from: https://tokens.postern.test
    to: ${to}
    allow_any_authenticated_user: true
    set_request_headers:
      Authorization: Bearer \${pomerium.access_token}
      X-Id: \${pomerium.id_token}
      X-Jwt: $pomerium.jwt
      X-Copy: '[\${pomerium.request.headers["X-In"]}|\${pomerium.request.headers["Cookie"]}]'
      X-Money: $$5 \${pomerium.client_cert_fingerprint}
  - name: public
    from: https://public.postern.test
    to: ${to}
    allow_public_unauthenticated_access: true
    set_request_headers: {X-Jwt: 'a\${pomerium.jwt}b', X-Id: '\${pomerium.id_token}'}
  - name: certified
    from: https://certified.postern.test
    to: ${to}
    allow_public_unauthenticated_access: true
    tls_downstream_client_ca_file: ca-a.pem
    set_request_headers:
      X-Fingerprint: \${pomerium.client_cert_fingerprint}
      X-Email: \${pomerium.client_cert_san_email}
      X-Dns: '[\${pomerium.client_cert_san_dns}]'
  - name: cluster
    from: https://cluster.postern.test
    to: ${to}
    allow_any_authenticated_user: true
    kubernetes_service_account_token: cluster-secret
  - name: open-cluster
    from: https://open-cluster.postern.test
    to: ${to}
    allow_public_unauthenticated_access: true
    kubernetes_service_account_token: cluster-secret
  - {name: silent, from: https://silent.postern.test, to: ${to}, allow_any_authenticated_user: true, pass_identity_headers: false}
  - {name: told, from: https://told.postern.test, to: ${to}, allow_any_authenticated_user: true}
`;

/** What an upstream learns of whoever asks, beyond what the client sent; `explain` says the same and shows no secret. */
describe('an upstream', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let visitor: Visitor;

  before(async () => {
    const port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email, offline_access]
state_directory: state
pass_identity_headers: true
jwt_claims_headers: {X-Claim-Mail: email}
downstream_mtls: {enforcement: policy}
routes:${routes(echo.url)}`,
    });
    visitor = new Visitor(house, provider);
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  /** Signs in where that is needed, then asks with these headers. */
  async function seenAt(host: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const url = `https://${host}.postern.test:${house.port}/`;
    await visitor.arrive(url);
    const { status, body } = await visitor.visit(url, { headers: { ...headers, cookie: `${visitor.jar.cookies(url)}; theme=dark` } });
    assert.equal(status, 200, body);
    return JSON.parse(body) as Seen;
  }

  it('gets the tokens that its route asks for, and nothing of ours among what is copied', async () => {
    const { headers } = await seenAt('tokens', { 'x-in': 'one', authorization: 'Basic eA==' });
    assert.match(headers['authorization'] ?? '', /^Bearer [\w.~+/-]+=*$/);
    assert.equal(payloadOf(headers['x-id'])['sub'], 'alice');
    assert.deepEqual(
      [payloadOf(headers['x-jwt'])['aud'], payloadOf(headers['x-jwt'])['email']],
      ['tokens.postern.test', 'alice@example.com'],
    );
    assert.deepEqual([headers['x-copy'], headers['x-money']], ['[one|theme=dark]', '$5']);
  });

  it('gets nothing in place of them where nobody is signed in', async () => {
    const { body } = await ask(house, 'https://public.postern.test/', { headers: { 'x-jwt': 'forged', 'x-id': 'forged' } });
    const { headers } = JSON.parse(body) as Seen;
    assert.deepEqual([headers['x-jwt'], headers['x-id']], ['ab', '']);
  });

  it('gets what a certificate says only when it was judged valid', async () => {
    const told = async (who: 'alice' | 'expired' | 'ofSameName' | undefined): Promise<readonly (string | undefined)[]> => {
      const { body } = await ask(house, 'https://certified.postern.test/', { client: who && house.pki[who] });
      const { headers } = JSON.parse(body) as Seen;
      return [headers['x-fingerprint'], headers['x-email'], headers['x-dns']];
    };
    const { certificate } = house.pki.alice;
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    assert.deepEqual(await told('alice'), [fingerprint, 'alice@example.com', '[]']);
    assert.deepEqual(
      await Promise.all([told('expired'), told('ofSameName'), told(undefined)]),
      Array.from({ length: 3 }, () => ['', '', '[]']),
    );
  });

  it('that is a Kubernetes API gets the token with whom it is for, whatever the client says', async () => {
    const forged = {
      authorization: 'Bearer stolen',
      'impersonate-user': 'root',
      'impersonate-group': 'system:masters',
      'impersonate-uid': '0',
    };
    const { headers } = await seenAt('cluster', forged);
    assert.deepEqual(
      [headers['authorization'], headers['impersonate-user'], headers['impersonate-group'], headers['impersonate-uid']],
      ['Bearer cluster-secret', 'alice@example.com', 'admins,staff', undefined],
    );
    const { rawHeaders } = await seenAt('cluster', forged);
    assert.equal(rawHeaders.filter((name) => /^(?:authorization|impersonate-)/i.test(name)).length, 3);
  });

  it('that is one gets no token where there is nobody to name', async () => {
    const forged = { authorization: 'Bearer stolen', 'impersonate-user': 'root' };
    const { headers } = JSON.parse((await ask(house, 'https://open-cluster.postern.test/', { headers: forged })).body) as Seen;
    assert.deepEqual([headers['authorization'], headers['impersonate-user']], [undefined, undefined]);
    const nameless = await explained(house, 'GET', 'https://open-cluster.postern.test/', '--user', 'alice', '--groups', 'system:masters');
    assert.deepEqual(
      Object.keys(nameless.upstream?.headers ?? {}).filter((name) => name === 'authorization' || name.startsWith('impersonate-')),
      [],
    );
  });

  it('is told of nobody where identity headers are off', async () => {
    const forged = { 'x-claim-mail': 'root@corp.test', 'x-pomerium-jwt-assertion': 'x', 'x-pomerium-jwt-assertion-for': 'x' };
    const names = Object.keys(forged);
    const silent = await seenAt('silent', forged);
    assert.deepEqual(
      names.map((name) => silent.headers[name]),
      [undefined, undefined, undefined],
    );
    const told = await seenAt('told', forged);
    assert.deepEqual([told.headers['x-claim-mail'], told.headers['x-pomerium-jwt-assertion-for']], ['alice@example.com', undefined]);
    assert.match(told.headers['x-pomerium-jwt-assertion'] ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('is explained without its secrets', async () => {
    const someone = ['--email', 'alice@example.com', '--groups', 'dev,ops'];
    const tokens = await explained(house, 'GET', 'https://tokens.postern.test/', ...someone);
    const cluster = await explained(house, 'GET', 'https://cluster.postern.test/', ...someone);
    const { authorization: secret, 'impersonate-user': user, 'impersonate-group': group } = cluster.upstream?.headers ?? {};
    assert.deepEqual([secret, user, group], ['(secret)', 'alice@example.com', 'dev,ops']);
    const { authorization: token, 'x-jwt': jwt, 'x-id': id } = tokens.upstream?.headers ?? {};
    assert.deepEqual([token, jwt, id], ['Bearer (of the session)', '(signed at request time)', '(of the session)']);
  });
});

function payloadOf(token: string | undefined): Readonly<Record<string, unknown>> {
  const [, payload = ''] = (token ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;
}
