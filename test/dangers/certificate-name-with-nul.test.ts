import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { alternativeNames, named } from './odd-names.ts';

const pki = await makePki();
const day = 86_400_000;
const { dns, email, uri, principal } = named;
const open = "to: '{{to}}', allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem";

/**
 * An authority signs a name that it read to the end, and a careless reader stops before (Envoy CVE-2025-66220), or reads several names
 * out of one (Node CVE-2021-44532): neither is the name that was asked for.
 */
describe('a certificate with a name that some readers take for another', () => {
  let matched: CertificateHouse;
  let listed: CertificateHouse;

  before(async () => {
    matched = await openCertificateHouse({
      pki,
      config: `
downstream_mtls:
  match_subject_alt_names:
    - {dns: 'admin\\.example'}
    - {email: 'admin@example\\.com'}
    - {uri: 'spiffe://example/admin'}
    - {user_principal_name: 'admin@corp\\.example'}
routes: [{from: https://a.postern.test, ${open}}]
`,
    });
    const or = [
      criterionOf('san_dns', 'admin.example'),
      criterionOf('san_email', 'admin@example.com'),
      criterionOf('san_uri', 'spiffe://example/admin'),
    ];
    listed = await openCertificateHouse({
      pki,
      config: `routes: [{from: https://a.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, policy: {allow: {or: [${or.join(', ')}]}}}]`,
    });
  });

  after(async () => {
    await listed[Symbol.asyncDispose]();
    await matched[Symbol.asyncDispose]();
  });

  async function outcomes(names: readonly Buffer[], subject: string) {
    const options = {
      commonName: subject,
      from: new Date(Date.now() - day),
      to: new Date(Date.now() + day),
      ...alternativeNames(...names),
    };
    const client = await issueClientCertificate(pki.caA, options);
    return Promise.all(
      [matched, listed].flatMap((street) =>
        (['TLSv1.2', 'TLSv1.3'] as const).map(async (maxVersion) => {
          const path = `/${maxVersion}`;
          street.upstream.clear();
          const { status } = await ask(street.house, street.url('a', path), { client, maxVersion });
          assert.equal(street.upstream.bytes().includes(path), status === 200);
          return status;
        }),
      ),
    );
  }

  const strangers: readonly (readonly [what: string, ...names: readonly Buffer[]])[] = [
    ['a NUL in a host', dns('admin.example\0.evil.test')],
    ['a NUL behind a host', dns('admin.example\0')],
    ['a NUL in an address', email('admin@example.com\0.evil.test')],
    ['a NUL in a URI', uri('spiffe://example/admin\0/evil')],
    ['a NUL in a principal name', principal('admin@corp.example\0.evil.test')],
    ['a principal name of another type', principal('admin@corp.example', '1.3.6.1.5.5.7.8.7')],
    ['a line end behind a host', dns('admin.example\n')],
    ['a line end before an address', email('evil\nadmin@example.com')],
    ['two names in one host', dns('evil.test, DNS:admin.example')],
    ['two names in one address', email('evil@evil.test, email:admin@example.com')],
    ['a name in quotes', dns('"evil.test", DNS:"admin.example"')],
    ['a host as an address', email('admin.example')],
    ['an address as a host', dns('admin@example.com')],
    ['a URI as a host', dns('spiffe://example/admin')],
    ['a host in a URI', uri('https://admin.example/')],
    ['another letter', dns('аdmin.example')],
    ['a letter with its highest bit set', dns('\xe1dmin.example')],
    ['a wildcard', dns('*.example')],
    ['blanks around', dns(' admin.example ')],
  ];

  for (const [what, ...names] of strangers) {
    it(`is not let in: ${what}`, async () => {
      assert.deepEqual(await outcomes(names, 'x'), [495, 495, 403, 403]);
    });
  }

  it('is not let in by its subject, whatever that says', async () => {
    for (const subject of ['admin.example', 'admin@example.com', 'x/CN=admin.example', 'x, DNS:admin.example', 'admin@corp.example'])
      assert.deepEqual(await outcomes([dns('evil.test')], subject), [495, 495, 403, 403], subject);
  });

  it('is let in when it really has the name, beside whatever else', async () => {
    for (const name of [dns('admin.example'), email('admin@example.com'), uri('spiffe://example/admin')])
      assert.deepEqual(await outcomes([dns('evil\0'), name], 'x'), [200, 200, 200, 200]);
    assert.deepEqual((await outcomes([principal('admin@corp.example')], 'x')).slice(0, 2), [200, 200]);
  });
});

function criterionOf(key: string, name: string): string {
  return `{client_certificate: {${key}: {is: '${name}'}}}`;
}
