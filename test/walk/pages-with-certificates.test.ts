import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Street } from '../dangers/street.ts';
import { openStreet } from '../dangers/street.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { openEcho } from './recorder.ts';
import { Visitor } from './visitor.ts';

/** Pages of Postern's own on hosts whose routes look at certificates: wherever a sign-in leads, it ends. */
describe('own pages of a host that looks at certificates', () => {
  let street: Street;
  let echo: AsyncDisposable & { readonly url: string };

  before(async () => {
    echo = await openEcho();
    const open = `to: ${echo.url}, allow_any_authenticated_user: true`;
    street = await openStreet(`
downstream_mtls: {enforcement: policy}
certificate_identities: [{name: staff, from: san_email, to: email, domains: [example.com]}]
routes:
  - {from: https://mixed.postern.test, path: /device, ${open}, tls_downstream_client_ca_file: ca-b.pem, authentication: client_certificate}
  - {from: https://mixed.postern.test, path: /other, ${open}, tls_downstream_client_ca_file: ca-b.pem, bind_session_to_certificate: spki}
  - {from: https://mixed.postern.test, ${open}, tls_downstream_client_ca_file: ca-a.pem, bind_session_to_certificate: true}
  - {from: https://either.postern.test, ${open}, tls_downstream_client_ca_file: ca-b.pem, authentication: either}
  - {from: https://*.postern.test, ${open}, bind_session_to_certificate: true, tls_downstream_client_ca_file: ca-a.pem}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  async function arriveAt(host: string, path: string, client: Issued | undefined): Promise<number> {
    const { answer } = await new Visitor(street.house, street.provider).arrive(street.url(host, path), { client });
    return answer.status;
  }

  it('bind a session for the route that it was begun for, whatever its CA', async () => {
    const { alice, ofB } = street.house.pki;
    assert.deepEqual([await arriveAt('mixed', '/', alice), await arriveAt('mixed', '/other', ofB)], [200, 200]);
  });

  it('say what is missing where another sign-in would end at the same page', async () => {
    const { ofB, alice } = street.house.pki;
    for (const path of ['/.pomerium/user', '/.pomerium/sign_in'])
      assert.deepEqual([await arriveAt('wild', path, undefined), await arriveAt('wild', path, ofB)], [495, 495], path);
    assert.equal(await arriveAt('wild', '/.pomerium/user', alice), 200);
  });

  it('take no session beside the certificate of somebody else', async () => {
    const visitor = new Visitor(street.house, street.provider);
    await visitor.arrive(street.url('either'));
    for (const path of ['/.pomerium/user', '/.pomerium/sign_in']) {
      const { answer } = await visitor.arrive(street.url('either', path), { client: street.house.pki.ofB });
      assert.equal(answer.status, 403, path);
    }
    assert.equal((await visitor.visit(street.url('either', '/.pomerium/user'))).status, 200, 'the session survives');
  });
});
