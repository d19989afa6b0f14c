import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import type { ProviderServer } from '../identity/provider-server.ts';
import { openProvider } from '../identity/provider-server.ts';
import { linksOf } from '../walk/buttons.ts';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { Visitor } from '../walk/visitor.ts';

/**
 * Whoever signs in with a certificate is signed in on every host. A CA that one route accepts, for the devices of a partner perhaps, must
 * not make somebody of the staff there: neither by a rule that names no CA, nor because its own CA is one of ours.
 */
describe('a sign-in with a certificate of a CA that one route accepts', () => {
  let house: House;
  let provider: ProviderServer;
  let pki: Pki;
  let ofDepartment: Issued;
  let url: (host: string) => string;

  before(async () => {
    pki = await makePki();
    const [from, to] = [new Date(Date.now() - 86_400_000), new Date(Date.now() + 86_400_000)];
    // Below CA A, which accepts only what it issued itself (max_verify_depth 1).
    const department = await issueIntermediate(pki.caA, { commonName: 'Department CA', from, to });
    ofDepartment = await issueClientCertificate(department, { commonName: 'x', emails: ['alice@example.com'], from, to });
    const port = await freePort();
    url = (host) => `https://${host}.postern.test:${port}/`;
    provider = await openProvider(`https://auth.postern.test:${port}`);
    house = await openHouse({
      port,
      pki,
      config: `
${signInKeys(provider)}
certificate_sign_in_url: https://certificate.postern.test:{{port}}
sign_in_methods: [idp, client_certificate]
downstream_mtls: {ca_file: ca-a.pem, enforcement: policy}
certificate_identities:
  - {name: named, ca_file: ca-a.pem, from: san_email, to: email, domains: [example.com]}
  - {name: any, from: san_email, to: email, domains: [example.com]}
routes:
  - {name: app, from: https://app.postern.test, to: 'http://127.0.0.1:1', allow_any_authenticated_user: true}
  - {name: partner, from: https://partner.postern.test, to: 'http://127.0.0.1:1', allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-b.pem}
  - {name: department, from: https://department.postern.test, to: 'http://127.0.0.1:1', allow_any_authenticated_user: true, tls_downstream_client_ca: ${Buffer.from(department.certificatePem).toString('base64')}}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  async function signIn(client: Issued): Promise<number> {
    const visitor = new Visitor(house);
    const { answer, way } = await visitor.arrive(url('app'));
    const [, button = ''] = linksOf(answer.body, way.at(-1) ?? '');
    return (await visitor.visit(button, { client })).status;
  }

  it('signs in nobody of another CA', async () => assert.equal(await signIn(pki.ofB), 403));
  it('signs in nobody of a CA below', async () => assert.equal(await signIn(ofDepartment), 403));
  it('signs in whoever the CA of all routes has certified', async () => assert.equal(await signIn(pki.alice), 302));
});
