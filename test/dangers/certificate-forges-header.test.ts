import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { alternativeNames, named } from './odd-names.ts';
import { fieldsAt } from './request-head.ts';

const pki = await makePki();
const day = 86_400_000;

function clientOf(options: Partial<IssueOptions>): Promise<Issued> {
  return issueClientCertificate(pki.caA, { commonName: 'x', from: new Date(Date.now() - day), to: new Date(Date.now() + day), ...options });
}

/** What a certificate says may be told to an upstream: as one value in its place, or not at all (Envoy CVE-2023-27493). */
describe('a certificate whose names are made for a header', () => {
  let street: CertificateHouse;

  before(async () => {
    const names =
      "X-Dns: '[$pomerium.client_cert_san_dns]', X-Email: '[${pomerium.client_cert_san_email}]', X-Print: $pomerium.client_cert_fingerprint";
    street = await openCertificateHouse({
      pki,
      config: `
routes:
  - {from: https://a.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true, set_request_headers: {${names}}}
`,
    });
  });

  beforeEach(() => street.upstream.clear());

  after(() => street[Symbol.asyncDispose]());

  /** What the upstream was told of the names; undefined when the request did not get there. */
  async function told(client: Issued): Promise<readonly [dns: string | undefined, email: string | undefined]> {
    const { status } = await ask(street.house, street.url('a'), { client });
    assert.equal(status, 200);
    assert.equal([...street.upstream.bytes().matchAll(/^GET \S+ HTTP\/1\.1\r$/gm)].length, 1, 'one request');
    const fields = fieldsAt(street.upstream);
    assert.deepEqual(
      fields.filter(([name]) => name === 'x-evil' || name === 'x-print'),
      [['x-print', client.certificate.fingerprint256.replaceAll(':', '').toLowerCase()]],
    );
    const only = (wanted: string): string | undefined => {
      const found = fields.filter(([name]) => name === wanted);
      assert.equal(found.length, 1);
      return found[0]?.[1];
    };
    return [only('x-dns'), only('x-email')];
  }

  const { dns, email, uri } = named;
  const names: readonly (readonly [what: string, names: readonly Buffer[], dns: string, email: string])[] = [
    ['ordinary ones', [dns('a.example'), dns('b.example'), email('x@example.com')], '[a.example,b.example]', '[x@example.com]'],
    ['a comma makes no second name', [dns('a.example,admin.example'), dns('b.example')], '[b.example]', '[]'],
    ['a line end ends nothing', [dns('a\r\nX-Evil: yes'), email('x@y\r\nX-Evil: yes')], '[]', '[]'],
    ['a bare line feed ends nothing', [dns('a\nX-Evil: yes'), email('x@y\nX-Evil: yes\n\n')], '[]', '[]'],
    ['a NUL hides nothing', [dns('a.example\0.evil.test'), email('x@example.com\0@evil.test')], '[]', '[]'],
    [
      'a reference is text',
      [dns('${pomerium.jwt}$$'), email('$pomerium.access_token@x')],
      '[${pomerium.jwt}$$]',
      '[$pomerium.access_token@x]',
    ],
    ['names of other kinds are none of these', [uri('https://admin.example'), uri('x;By=admin')], '[]', '[]'],
  ];

  for (const [what, list, ...expected] of names) {
    it(`forges nothing: ${what}`, async () => {
      assert.deepEqual(await told(await clientOf(alternativeNames(...list))), expected);
    });
  }

  const subjects = ['x";SAN="admin', 'a,CN=admin', 'a/CN=admin', 'a\r\nX-Evil: yes', 'a\0b', 'Żółć 🦊', '#1304', 'x'.repeat(20_000)];
  for (const commonName of subjects) {
    it(`is nobody’s fault for its subject: ${JSON.stringify(commonName.slice(0, 20))}`, async () => {
      assert.deepEqual(await told(await clientOf({ commonName })), ['[]', '[]']);
      const page = await ask(street.house, street.url('a', '/.pomerium/'), { client: await clientOf({ commonName }) });
      assert.equal(page.status, 200);
      for (const line of street.house.rawLog) assert.doesNotMatch(line.trimEnd(), /[\r\n\0]/);
    });
  }

  it('is too much for no upstream with five hundred names', async () => {
    const list = Array.from({ length: 500 }, (_, at) => dns(`n${at}.example`));
    const [all = ''] = await told(await clientOf(alternativeNames(...list)));
    assert.deepEqual(all.slice(1, -1).split(',').length, 500);
  });
});
