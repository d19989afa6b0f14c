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

/** A host where a certificate opens the door and a sign-in the room behind it. */
describe('a host that asks for a certificate and a sign-in', () => {
  let house: House;
  let provider: ProviderServer;
  let echo: AsyncDisposable & { readonly url: string };
  let both: string;

  before(async () => {
    const port = await freePort();
    echo = await openEcho();
    provider = await openProvider(`https://auth.postern.test:${port}`);
    both = `https://both.postern.test:${port}/desk?drawer=2`;
    house = await openHouse({
      port,
      config: `
${signInKeys(provider)}
idp_scopes: [openid, profile, email]
state_directory: state
pass_identity_headers: true
jwt_claims_headers: [email]
routes:
  - {name: both, from: https://both.postern.test, to: ${echo.url}, allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-a.pem}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  it('judges the certificate before anybody is sent to sign in', async () => {
    const { ofB, expired } = house.pki;
    for (const presented of [undefined, ofB, expired]) {
      const { status, headers } = await new Visitor(house).visit(both, { client: presented });
      assert.deepEqual([status, headers.location, headers['set-cookie']], [495, undefined, undefined]);
    }
  });

  it('sends the holder of a good certificate to sign in, and back to the very page', async () => {
    const visitor = new Visitor(house, provider);
    const { answer, way } = await visitor.arrive(both, { client: house.pki.alice });
    assert.deepEqual([answer.status, way.at(-1), new URL(way[1] ?? '').hostname], [200, both, 'auth.postern.test']);
    const seen = JSON.parse(answer.body) as Seen;
    assert.deepEqual([seen.target, seen.headers['x-pomerium-claim-email']], ['/desk?drawer=2', 'alice@example.com']);
    const line = await house.logLine((each) => each['status'] === 200 && each['route'] === 'both');
    assert.deepEqual(
      [line['email'], line['reasons'], line['client_certificate_sha256']],
      ['alice@example.com', ['user-ok'], house.pki.alice.certificate.fingerprint256.replaceAll(':', '').toLowerCase()],
    );
  });

  it('takes no session for a certificate', async () => {
    const visitor = new Visitor(house, provider);
    await visitor.arrive(both, { client: house.pki.alice });
    const without = await visitor.visit(both);
    const withWrong = await visitor.visit(both, { client: house.pki.ofSameName });
    const withRight = await visitor.visit(both, { client: house.pki.alice });
    assert.deepEqual([without.status, withWrong.status, withRight.status], [495, 495, 200]);
  });

  it('lets a visitor without a certificate reach the authenticate host', async () => {
    const answer = await new Visitor(house).visit(`https://auth.postern.test:${house.port}/.pomerium/`);
    assert.equal(answer.status, 200);
  });
});
