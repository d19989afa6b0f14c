import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const common = "to: 'http://127.0.0.1:9', allow_any_authenticated_user: true";
const ofA = 'authentication: client_certificate, tls_downstream_client_ca_file: ca-a.pem';
const ofB = 'authentication: client_certificate, tls_downstream_client_ca_file: ca-b.pem';

/**
 * A page of ours gives assertions away, and they are for the whole host. The rules of one route, or the CA of one, must not say there who
 * somebody is to the applications behind the other routes.
 */
describe('a certificate that one route of a host takes for a sign-in', () => {
  let street: Street;

  before(async () => {
    street = await openStreet(`
runtime_flags: {pomerium_jwt_endpoint: true}
downstream_mtls: {enforcement: policy}
certificate_identities: [{name: staff, from: san_email, to: email, domains: [example.com]}]
routes:
  - {from: https://alike.postern.test, prefix: /one, ${common}, ${ofA}}
  - {from: https://alike.postern.test, prefix: /open, to: 'http://127.0.0.1:9', allow_public_unauthenticated_access: true}
  - {from: https://alike.postern.test, ${common}, ${ofA}}
  - {from: https://session.postern.test, prefix: /one, ${common}, ${ofB}}
  - {from: https://session.postern.test, ${common}, tls_downstream_client_ca_file: ca-a.pem}
  - {from: https://authority.postern.test, prefix: /one, ${common}, ${ofB}}
  - {from: https://authority.postern.test, ${common}, ${ofA}}
  - {from: https://rules.postern.test, prefix: /one, ${common}, ${ofA}, certificate_identities: [{name: cards, from: subject_cn, to: user, same_users_as_provider: true}]}
  - {from: https://rules.postern.test, ${common}, ${ofA}}
`);
  });

  after(() => street[Symbol.asyncDispose]());

  async function assertionAt(host: string, client: Issued): Promise<unknown> {
    const { status, body } = await ask(street.house, street.url(host, '/.pomerium/jwt'), {
      client,
      headers: { accept: 'application/json' },
    });
    return status === 200 ? decodeJwt(body).sub : status;
  }

  it('gets an assertion for the host where each of its routes takes it so', async () => {
    assert.equal(await assertionAt('alike', street.house.pki.alice), 'certificate/staff/alice@example.com');
  });

  for (const [host, why] of [
    ['session', 'one of them wants people to sign in'],
    ['authority', 'they have different CAs'],
    ['rules', 'they have different rules'],
  ] as const)
    it(`gets none where ${why}`, async () => {
      const { alice, ofB: bea } = street.house.pki;
      assert.deepEqual([await assertionAt(host, alice), await assertionAt(host, bea)], [401, 401]);
    });
});
