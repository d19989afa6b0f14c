import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import { buttonsOf, linksOf } from './buttons.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from './house.ts';
import { signInKeys } from './sign-in-keys.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';
import { Visitor } from './visitor.ts';

/** Certificates linked to accounts, and signed in with, over real sockets. */
describe('a host for certificates', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let at: (host: string, path?: string) => string;
  let config: string;
  let state: string;

  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'postern-links-'));
    const port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    at = (host, path = '/') => `https://${host}.postern.test:${port}${path}`;
    config = `
${signInKeys(provider)}
state_directory: ${state}
certificate_sign_in_url: https://certificate.postern.test:${port}
sign_in_methods: [idp, client_certificate]
pass_identity_headers: true
jwt_claims_headers: [email, groups]
downstream_mtls: {ca_file: ca-a.pem, enforcement: policy}
certificate_identities:
  - {name: mine, from: linked}
  - {name: staff, from: san_email, to: email, domains: [example.com], match: 'bob@example\\.com', groups: [staff]}
routes:
  - {name: app, from: https://app.postern.test, to: ${echo.url}, allow_any_authenticated_user: true}
  - {name: device, from: https://device.postern.test, to: ${echo.url}, authentication: client_certificate, allow_any_authenticated_user: true}
`;
    house = await openHouse({ port, config });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
    await rm(state, { recursive: true, force: true });
  });

  const page = (): string => at('certificate', '/.pomerium/certificates');
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };

  /** Signs in at the provider by the button of the choice. */
  async function signedIn(url: string, client = house.pki.alice): Promise<Visitor> {
    const visitor = new Visitor(house, provider);
    const { answer, way } = await visitor.arrive(url, { client });
    const [byProvider] = linksOf(answer.body, way.at(-1) ?? url);
    assert.ok(byProvider !== undefined, answer.body);
    await visitor.arrive(byProvider, { client });
    return visitor;
  }

  async function press(visitor: Visitor, name: string, client = house.pki.alice): Promise<number> {
    const { body } = await visitor.visit(page(), { client });
    const action = buttonsOf(body, page()).find(({ text }) => text === name)?.action ?? assert.fail(`no button ${name}: ${body}`);
    return (await visitor.visit(action, { method: 'POST', headers: { ...sameOrigin, 'content-length': '0' }, client })).status;
  }

  it('asks for a certificate, and serves pages of its own alone', async () => {
    const statuses = await Promise.all(
      ['/', '/app', '/.pomerium/certificates'].map((path) => new Visitor(house).visit(at('certificate', path))),
    );
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [404, 404, 302],
    );
    const elsewhere = await new Visitor(house).visit(at('app', '/.pomerium/certificates'));
    assert.deepEqual([elsewhere.status, elsewhere.headers.location], [302, page()]);
  });

  it('links the certificate of somebody signed in, which then stands for the account until it is unlinked', async () => {
    const { alice } = house.pki;
    const nobody = await new Visitor(house).visit(at('device'), { client: alice });
    const visitor = await signedIn(page());
    assert.equal(await press(visitor, 'Link'), 303);
    await visitor.arrive(at('app'));
    assert.match((await visitor.visit(at('app', '/.pomerium/'))).body, /Linked certificates.*CN=alice/s);
    const known = await new Visitor(house).visit(at('device'), { client: alice });
    const seen = JSON.parse(known.body) as Seen;
    assert.deepEqual([nobody.status, known.status, seen.headers['x-pomerium-claim-email']], [403, 200, 'alice@example.com']);
    assert.match((await visitor.visit(page(), { client: alice })).body, /Last used<\/dt>\s*<dd><time /);
    assert.equal(await press(visitor, 'Unlink'), 303);
    assert.equal((await new Visitor(house).visit(at('device'), { client: alice })).status, 403);
  });

  it('signs in by the other button, and back to the very page', async () => {
    const owner = await signedIn(page());
    await press(owner, 'Link');
    const visitor = new Visitor(house, provider);
    const url = at('app', '/some/page?x=1');
    const choice = await visitor.arrive(url);
    const [, byCertificate] = linksOf(choice.answer.body, choice.way.at(-1) ?? url);
    const { answer, way } = await visitor.arrive(byCertificate ?? assert.fail(), { client: house.pki.alice });
    const seen = JSON.parse(answer.body) as Seen;
    assert.deepEqual([way.at(-1), seen.target, seen.headers['x-pomerium-claim-email']], [url, '/some/page?x=1', 'alice@example.com']);
    const assertion = seen.headers['x-pomerium-jwt-assertion']?.split('.')[1] ?? '';
    const { sub, amr } = JSON.parse(Buffer.from(assertion, 'base64url').toString()) as Record<string, unknown>;
    assert.deepEqual([sub, amr], ['alice', ['mtls']]);
    const out = await visitor.visit(at('app', '/.pomerium/sign_out'));
    assert.equal(out.headers.location, at('auth', '/.pomerium/signed_out'));
    assert.equal((await visitor.visit(url)).status, 302);
    await press(owner, 'Unlink');
  });

  it('leads back to the choice, and not in circles, where the certificate does not do', async () => {
    const visitor = new Visitor(house, provider);
    const choice = await visitor.arrive(at('app'));
    const [, byCertificate = ''] = linksOf(choice.answer.body, choice.way.at(-1) ?? '');
    for (const client of [undefined, house.pki.alice, house.pki.ofB, house.pki.expired]) {
      const { answer, way } = await visitor.arrive(byCertificate, { client });
      assert.deepEqual([answer.status, way.length], [403, 1]);
      const [back = ''] = linksOf(answer.body, byCertificate);
      const again = await visitor.arrive(back);
      assert.deepEqual([again.answer.status, linksOf(again.answer.body, back).length], [200, 2]);
    }
    for (const detail of ['unknown-ca', 'expired'])
      await house.logLine((line) => line['path'] === '/.pomerium/certificate_sign_in' && line['certificate_detail'] === detail);
  });

  it('keeps links over a restart', async () => {
    const owner = await signedIn(page());
    await press(owner, 'Link');
    const { port, pki } = house;
    await house[Symbol.asyncDispose]();
    house = await openHouse({ port, pki, config });
    assert.equal((await new Visitor(house).visit(at('device'), { client: pki.alice })).status, 200);
    assert.equal(await press(owner, 'Unlink'), 303);
    assert.equal((await new Visitor(house).visit(at('device'), { client: pki.alice })).status, 403);
  });
});
