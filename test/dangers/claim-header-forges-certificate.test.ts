import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { fieldsAt } from './request-head.ts';
import { openStreet } from './street.ts';

const pass = 'pass_client_certificate: [x_client, apache]';

/** Somebody chooses what a claim says, and the operator sends it under a name that certificates are told under as well. */
describe('a claim header with the name of a certificate header', () => {
  let pki: Pki;
  let upstream: Recorder;

  before(async () => {
    pki = await makePki();
    upstream = await openRecorder();
  });

  after(() => upstream[Symbol.asyncDispose]());

  function config(claims: string, access: string): string {
    return `
downstream_mtls: {ca_file: ca-a.pem}
jwt_claims_headers: {${claims}}
${pass}
routes: [{from: https://app.postern.test, to: ${upstream.url}, ${access}: true}]
`;
  }

  for (const name of ['X-Client-DN', 'SSL_CLIENT_S_DN', 'SSL-Client-S-DN', 'x_client_verify'])
    it(`is not accepted: ${name}`, async () => {
      const text = config(`${name}: email, X-Other: email`, 'pass_identity_headers: true, allow_public_unauthenticated_access');
      await assert.rejects(openHouse({ pki, config: text }), new RegExp(`jwt_claims_headers\\.${name} is a header of`));
    });

  it('says nothing beside what the certificate says', async () => {
    await using street = await openStreet(config('X-Other: email', 'allow_any_authenticated_user'));
    const visitor = new Visitor(street.house, street.provider);
    const { answer } = await visitor.arrive(street.url('app'), { client: street.house.pki.alice });
    assert.equal(answer.status, 200);
    const told = fieldsAt(upstream).filter(([name]) => /^(?:x-client|x_client|x-other|ssl_client_s)/.test(name));
    assert.equal(told.length, 4, 'each name comes once');
    assert.deepEqual(Object.fromEntries(told), {
      ssl_client_s_dn: 'CN=alice',
      'x-client-dn': 'CN=alice',
      'x-client-verify': 'SUCCESS',
      'x-other': 'alice@example.com',
    });
  });
});
