import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { explained } from '../dangers/explained.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import type { Answer, House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { signInKeys } from './sign-in-keys.ts';
import { Visitor } from './visitor.ts';

// alice@example.com is the certificate of `pki.alice`, and the person whom the provider signs in.
const rules = (to: string): string => `
pass_identity_headers: true
jwt_claims_headers: [email, groups]
certificate_identities:
  - {name: staff, ca_file: ca-a.pem, from: san_email, to: email, domains: [example.com], groups: [holders], name_from: subject_cn}
routes:
  - {name: device, from: https://device.postern.test, to: ${to}, allowed_domains: [example.com], authentication: client_certificate, tls_downstream_client_ca_file: ca-a.pem}
  - {name: group, from: https://group.postern.test, to: ${to}, authentication: client_certificate, tls_downstream_client_ca_file: ca-a.pem, policy: {allow: {and: [{groups: {has: holders}}]}}}
  - {name: stranger, from: https://stranger.postern.test, to: ${to}, allow_any_authenticated_user: true, authentication: client_certificate, tls_downstream_client_ca_file: ca-b.pem}
  - {name: either, from: https://either.postern.test, to: ${to}, allow_any_authenticated_user: true, authentication: either, tls_downstream_client_ca_file: ca-a.pem}
  - {name: both, from: https://both.postern.test, to: ${to}, allow_any_authenticated_user: true, authentication: both, tls_downstream_client_ca_file: ca-a.pem}
  - {name: bound, from: https://bound.postern.test, to: ${to}, allow_any_authenticated_user: true, bind_session_to_certificate: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: anonymous, from: https://anonymous.postern.test, to: ${to}, allow_any_authenticated_user: true, authentication: client_certificate, anonymous_identity: {user: nobody-known}, tls_downstream_client_ca_file: ca-a.pem}
  - {name: default, from: https://default.postern.test, to: ${to}, allow_any_authenticated_user: true, authentication: client_certificate, default_identity: {user: some-device, groups: [devices]}, certificate_identities: [{name: never, from: san_dns, to: user}], tls_downstream_client_ca_file: ca-b.pem}
`;

interface Told {
  readonly sub?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  readonly amr?: readonly string[];
  readonly cnf?: { readonly 'x5t#S256': string };
}

function assertionOf({ body }: Answer): Told {
  const { headers } = JSON.parse(body) as Seen;
  const assertion = headers['x-pomerium-jwt-assertion'] ?? assert.fail('no assertion');
  return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')) as Told;
}

describe('a certificate that says who somebody is', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let at: (name: string) => string;

  before(async () => {
    const port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    at = (name) => `https://${name}.postern.test:${port}/`;
    house = await openHouse({ port, config: `${signInKeys(provider)}\nidp_scopes: [openid, profile, email]\n${rules(echo.url)}` });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  const thumbprint = (): string => Buffer.from(house.pki.alice.certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');

  it('signs in by itself, and the assertion says so', async () => {
    const answer = await ask(house, at('device'), { client: house.pki.alice });
    assert.equal(answer.status, 200, answer.body);
    const { sub, email, groups, amr, cnf } = assertionOf(answer);
    assert.deepEqual(
      { sub, email, groups, amr, cnf },
      {
        sub: 'certificate/staff/alice@example.com',
        email: 'alice@example.com',
        groups: ['holders'],
        amr: ['mtls'],
        cnf: { 'x5t#S256': thumbprint() },
      },
    );
    const { headers } = JSON.parse(answer.body) as Seen;
    assert.deepEqual([headers['x-pomerium-claim-email'], headers['x-pomerium-claim-groups']], ['alice@example.com', 'holders']);
    const line = await house.logLine((each) => each['route'] === 'device');
    assert.deepEqual([line['email'], line['user'], line['certificate_rule']], ['alice@example.com', sub, 'staff']);
  });

  it('has the groups that the rule gives', async () => {
    assert.equal((await ask(house, at('group'), { client: house.pki.alice })).status, 200);
  });

  it('is nobody where no rule is for its authority, and nobody is sent to sign in', async () => {
    const answer = await ask(house, at('stranger'), { client: house.pki.ofB, headers: { accept: 'text/html' } });
    assert.deepEqual([answer.status, answer.headers.location], [403, undefined]);
    const line = await house.logLine((each) => each['route'] === 'stranger');
    assert.deepEqual([line['reasons'], line['certificate_detail']], [['client-certificate-not-mapped'], 'no-rule']);
  });

  it('or a session: either will do', async () => {
    assert.equal((await ask(house, at('either'), { client: house.pki.alice })).status, 200);
    const stranger = await ask(house, at('either'), { headers: { accept: 'text/html' } });
    assert.deepEqual([stranger.status, new URL(stranger.headers.location ?? '').hostname], [302, 'auth.postern.test']);
    const invalid = await ask(house, at('either'), { client: house.pki.ofB });
    assert.equal(invalid.status, 495);
  });

  it('and a session: both of one person', async () => {
    const none = await ask(house, at('both'), { headers: { accept: 'text/html' } });
    assert.equal(none.status, 495);
    const visitor = new Visitor(house, provider);
    const { answer } = await visitor.arrive(at('both'), { client: house.pki.alice });
    assert.equal(answer.status, 200, answer.body);
    const { email, amr, cnf } = assertionOf(answer);
    assert.deepEqual([email, amr?.includes('mtls'), cnf], ['alice@example.com', true, { 'x5t#S256': thumbprint() }]);
  });

  it('is what a session is bound to', async () => {
    const visitor = new Visitor(house, provider);
    const { answer } = await visitor.arrive(at('bound'), { client: house.pki.alice });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(assertionOf(answer).cnf, { 'x5t#S256': thumbprint() });
    const without = await visitor.visit(at('bound'));
    assert.equal(without.status, 495);
    const again = await visitor.visit(at('bound'), { client: house.pki.alice });
    assert.equal(again.status, 200, 'the session survives for its owner');
  });

  it('leaves the rest to whom the operator wrote down', async () => {
    const anonymous = [undefined, house.pki.ofB, house.pki.expired].map(async (client) => ask(house, at('anonymous'), { client }));
    for (const answer of await Promise.all(anonymous)) {
      const { sub, amr, cnf } = assertionOf(answer);
      assert.deepEqual([answer.status, sub, amr, cnf], [200, 'nobody-known', undefined, undefined]);
    }
    const known = assertionOf(await ask(house, at('anonymous'), { client: house.pki.alice }));
    assert.equal(known.email, 'alice@example.com');
    const device = assertionOf(await ask(house, at('default'), { client: house.pki.ofB }));
    assert.deepEqual([device.sub, device.groups, device.amr], ['some-device', ['devices'], ['mtls']]);
  });

  it('is explained as it was judged', async () => {
    const file = join(house.directory, 'bea.pem');
    await writeFile(file, house.pki.ofB.certificatePem);
    const { decision, status, reasons, certificate } = await explained(house, 'GET', at('stranger'), '--client-cert', file);
    assert.deepEqual(
      [decision, status, reasons, certificate.valid, certificate.detail],
      ['deny', 403, ['client-certificate-not-mapped'], true, 'no-rule'],
    );
  });
});
