import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Issued, IssueOptions } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { crlOf, inline } from '../dangers/revocation-lists.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { openEcho } from '../walk/recorder.ts';
import { openAt } from './open-at.ts';

const day = 86_400_000;
const times = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
const names = {
  dnsNames: ['one.test', 'laptop.devices.test'],
  emails: ['alice@corp.test'],
  ipAddresses: ['10.1.2.3'],
  uris: ['spiffe://corp.test/alice'],
  principalNames: ['alice@CORP.TEST'],
};

/** Over real handshakes: each way to write the keys, and what each decides. */
describe('a key about client certificates', () => {
  let pki: Pki;
  let echo: AsyncDisposable & { readonly url: string };
  let ca: Issued;
  let department: Issued;
  let alice: Issued;
  let deep: Issued;
  let nameless: Issued;

  before(async () => {
    [pki, echo] = await Promise.all([makePki(), openEcho()]);
    const client = (issuer: Issued, more: Partial<IssueOptions>): Promise<Issued> =>
      issueClientCertificate(issuer, { commonName: 'alice', ...times, ...more });
    ca = await issueAuthority({ commonName: 'Root', ...times });
    department = await issueIntermediate(ca, { commonName: 'Department', ...times });
    [alice, deep, nameless] = await Promise.all([client(ca, names), client(department, names), client(ca, {})]);
  });

  after(() => echo[Symbol.asyncDispose]());

  /** The statuses that clients get, in order; `none` is a handshake that fails. */
  async function statuses(config: string, clients: readonly (Issued | undefined)[], route = ''): Promise<readonly (number | 'none')[]> {
    const port = await freePort();
    await using _ = await openAt({
      config: `address: 127.0.0.1:${port}
health_check_addr: 127.0.0.1:0
certificates: [{cert: server.pem, key: server.key}]
${config}
routes: [{from: https://a.postern.test, to: '${echo.url}', ${route === '' ? 'allow_public_unauthenticated_access: true' : route}}]
`,
      files: {
        'server.pem': pki.server.certificatePem,
        'server.key': pki.server.keyPem,
        'ca.pem': ca.certificatePem,
        'b.pem': pki.caB.certificatePem,
        'empty.crl': crlOf(ca, []),
        'revoked.crl': crlOf(ca, [alice]),
      },
    });
    const asked = clients.map((client) =>
      ask({ port, pki }, 'https://a.postern.test/', { client }).then(
        ({ status }) => status,
        () => 'none' as const,
      ),
    );
    // The house is closed when this function is left.
    return await Promise.all(asked);
  }

  it('ca and ca_file, and their older names, ask for a certificate and judge it', async () => {
    const pem = inline(ca.certificatePem);
    for (const config of [
      `downstream_mtls: {ca: ${pem}}`,
      'downstream_mtls: {ca_file: ca.pem}',
      `client_ca: ${pem}`,
      'client_ca_file: ca.pem',
    ])
      assert.deepEqual(await statuses(config, [undefined, pki.ofB, alice]), [495, 495, 200], config);
  });

  it('tls_downstream_client_ca and …_file of a route take the place of the global ones', async () => {
    for (const key of [`tls_downstream_client_ca: ${inline(pki.caB.certificatePem)}`, 'tls_downstream_client_ca_file: b.pem'])
      assert.deepEqual(
        await statuses(
          'downstream_mtls: {ca_file: ca.pem}',
          [undefined, alice, pki.ofB],
          `allow_public_unauthenticated_access: true, ${key}`,
        ),
        [495, 495, 200],
      );
  });

  it('crl and crl_file, and their older names, refuse who is revoked, and no other', async () => {
    const list = inline(crlOf(ca, [alice]));
    for (const config of [
      `downstream_mtls: {ca_file: ca.pem, crl: ${list}}`,
      'downstream_mtls: {ca_file: ca.pem, crl_file: revoked.crl}',
      `client_ca_file: ca.pem\nclient_crl: ${list}`,
      'client_ca_file: ca.pem\nclient_crl_file: revoked.crl',
    ])
      assert.deepEqual(await statuses(config, [alice, nameless]), [495, 200], config);
    assert.deepEqual(await statuses('downstream_mtls: {ca_file: ca.pem, crl_file: empty.crl}', [alice]), [200]);
  });

  it('max_verify_depth: one by default, more by number, any by 0', async () => {
    const chained = { ...deep, certificatePem: deep.certificatePem + department.certificatePem };
    const outcomes = await Promise.all(
      ['', ', max_verify_depth: 2', ', max_verify_depth: 0'].map((depth) =>
        statuses(`downstream_mtls: {ca_file: ca.pem${depth}}`, [alice, chained]),
      ),
    );
    assert.deepEqual(outcomes, [
      [200, 495],
      [200, 200],
      [200, 200],
    ]);
  });

  it('enforcement: a page, whatever the policy says, or no handshake at all', async () => {
    const policy = 'policy: {allow: {and: [{accept: 1}]}}';
    const outcomes = await Promise.all(
      ['policy_with_default_deny', 'POLICY', 'reject_connection'].map((word) =>
        statuses(`downstream_mtls: {ca_file: ca.pem, enforcement: ${word}}`, [undefined, pki.ofB, alice], policy),
      ),
    );
    assert.deepEqual(outcomes, [
      [495, 495, 200],
      [200, 200, 200],
      ['none', 'none', 200],
    ]);
  });

  const patterns: readonly (readonly [pattern: string, alice: number])[] = [
    ['{dns: ".*\\\\.devices\\\\.test"}', 200],
    ['{dns: "devices\\\\.test"}', 495],
    ['{dns: "laptop"}', 495],
    ['{email: ".*@corp\\\\.test"}', 200],
    ['{email: ".*@CORP\\\\.test"}', 495],
    ['{ip_address: "10\\\\.1\\\\..*"}', 200],
    ['{uri: "spiffe://corp\\\\.test/.*"}', 200],
    ['{uri: "https://.*"}', 495],
    ['{user_principal_name: "[a-z]+@CORP\\\\.TEST"}', 200],
    ['{dns: "x"}, {user_principal_name: "alice@.*"}', 200],
    ['{dns: "x|laptop"}, {dns: "devices\\\\.test|y"}', 495],
  ];
  for (const [pattern, status] of patterns)
    it(`match_subject_alt_names: [${pattern}] for a whole name is ${status}`, async () => {
      const config = `downstream_mtls: {ca_file: ca.pem, match_subject_alt_names: [${pattern}]}`;
      assert.deepEqual(await statuses(config, [alice, nameless]), [status, 495]);
    });
});
