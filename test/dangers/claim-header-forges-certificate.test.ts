import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Somebody chooses what a claim says, and the operator sends it under a name that certificates are told under as well. */
describe('a claim header with the name of a certificate header', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
downstream_mtls: {ca_file: ca-a.pem}
jwt_claims_headers: {X-Client-DN: email, SSL_CLIENT_S_DN: email, x_client_verify: email, X-Other: email}
pass_client_certificate: [x_client, apache]
routes: [{from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}]
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('says nothing beside what the certificate says', async () => {
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
