import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';
import { writeDer, writeSequence } from '../../src/certificate/write-der.ts';
import { runTest } from '../../src/cli/test.ts';
import { issueSynthetic } from '../../src/cli/testing/issue-synthetic.ts';
import { writeFrozenPki } from './frozen-pki.ts';
import { type } from './terminal.ts';

const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));
const decades = { from: year(2020), to: year(2090) };

/** `${ca}` is the key and value of a CA, `${more}` further keys of the configuration. */
function configOf({ ca = 'tls_downstream_client_ca_file: ca-a.pem', policy = 'accept: true', more = '' }): string {
  return `certificates: [{cert: server.pem, key: server.key}]
${more}
routes:
  - name: app
    from: https://app.corp.test
    to: http://127.0.0.1:9
    ${ca}
    policy: {allow: {and: [{${policy}}]}}
  - name: second
    from: https://second.corp.test
    to: http://127.0.0.1:9
    tls_downstream_client_ca_file: ca-b.pem
    policy: {allow: {and: [{accept: true}]}}
`;
}

describe('the certificates of postern test', () => {
  let directory: string;

  before(async () => {
    directory = await writeFrozenPki();
    const limits = writeSequence(writeDer(0xa0, writeSequence(writeDer(0x82, Buffer.from('corp.test')))));
    const limited = await issueAuthority({
      commonName: 'Limited',
      pathLength: 0,
      ...decades,
      extensions: [{ oid: '2.5.29.30', critical: true, der: limits }],
    });
    await writeFile(join(directory, 'limited.pem'), limited.certificatePem);
    const authority = await issueAuthority({ commonName: 'Revoker', organization: 'Corp', ...decades });
    const person = { commonName: 'alice', from: year(2026), to: year(2027) };
    const [revoked, good] = await Promise.all([issueClientCertificate(authority, person), issueClientCertificate(authority, person)]);
    const list = {
      from: year(2026),
      to: year(2027),
      revoked: [{ serial: Buffer.from(revoked.certificate.serialNumber, 'hex'), at: year(2026) }],
    };
    const files = {
      'revoker.pem': authority.certificatePem,
      'revoked.pem': revoked.certificatePem,
      'good.pem': good.certificatePem,
      'numbered.crl': issueCrl(authority, { ...list, number: 1n }),
      'plain.crl': issueCrl(authority, { ...list, number: undefined }),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  });

  after(() => rm(directory, { recursive: true, force: true }));

  /** The verdicts that the routes `app` and `second` come to about each certificate, described in place. */
  async function verdicts(config: string, certificates: readonly string[]): Promise<readonly string[]> {
    const urls = 'url: [https://app.corp.test/, https://second.corp.test/]';
    // A word that no verdict is: what came out is in the difference.
    const tests = certificates.map(
      (certificate) => `  - {name: a, for: {${urls}}, request: {certificate: ${certificate}}, expect: {certificate: unreadable}}`,
    );
    await writeFile(join(directory, 'config.yaml'), config);
    await writeFile(join(directory, 'a.yaml'), `tests:\n${tests.join('\n')}\n`);
    const { out, err } = await type(runTest, ['--config', join(directory, 'config.yaml'), join(directory, 'a.yaml'), '--format', 'json']);
    assert.notEqual(out, '', err);
    const { cases, problems } = JSON.parse(out) as { cases?: readonly { differences: readonly { got: string }[] }[]; problems?: unknown };
    assert.equal(problems, undefined, err);
    const got = (cases ?? []).map(({ differences: [first] }) => first?.got ?? 'unreadable');
    return certificates.map((_, index) => `${got[index * 2]}, ${got[index * 2 + 1]}`);
  }

  it('are judged by the very judge, where their authority is trusted and nowhere else', async () => {
    const expected: Readonly<Record<string, string>> = {
      '{ca: ca-a.pem}': 'valid, unknown-ca',
      '{ca: ca-b.pem}': 'unknown-ca, valid',
      '{ca: ca-a.pem, expired: true}': 'expired, unknown-ca',
      '{ca: ca-a.pem, not_yet_valid: true}': 'not-yet-valid, unknown-ca',
      '{ca: ca-a.pem, not_before: 2026-06-02}': 'not-yet-valid, unknown-ca',
      '{ca: ca-a.pem, not_after: 2026-05-31}': 'expired, unknown-ca',
      '{ca: ca-a.pem, purpose: server}': 'wrong-purpose, unknown-ca',
      '{ca: ca-a.pem, intermediates: 1}': 'depth-exceeded, unknown-ca',
      '{self_signed: true}': 'unknown-ca, unknown-ca',
      none: 'missing, missing',
      'alice.pem': 'valid, unknown-ca',
      'old.pem': 'expired, unknown-ca',
      'deep-bundle.pem': 'depth-exceeded, unknown-ca',
    };
    assert.deepEqual(await verdicts(configOf({}), Object.keys(expected)), Object.values(expected));
  });

  it('name their authority by file, route or subject, and need not where there is only one', async () => {
    const one = configOf({}).replace('ca-b.pem', 'ca-a.pem');
    for (const ca of ['ca-a.pem', 'app', 'https://second.corp.test', 'CN=CA A']) {
      assert.deepEqual(await verdicts(one, [`{ca: "${ca}"}`]), ['valid, valid'], ca);
    }
    assert.deepEqual(await verdicts(one, ['{subject: alice}']), ['valid, valid']);
    assert.deepEqual(await verdicts(configOf({}), ['{ca: app}', '{ca: second}']), ['valid, unknown-ca', 'unknown-ca, valid']);
  });

  it('know the CA of the whole configuration, and one that is written in it', async () => {
    const pem = readFileSync(join(directory, 'ca-a.pem')).toString('base64');
    const config = configOf({ ca: 'description: x', more: `downstream_mtls: {ca: ${pem}}` });
    assert.deepEqual(await verdicts(config, ['{ca: downstream_mtls.ca}', '{ca: app}']), ['valid, unknown-ca', 'valid, unknown-ca']);
  });

  it('are bound by the limits of the authority that they stand below', async () => {
    const config = configOf({ ca: 'tls_downstream_client_ca_file: limited.pem', more: 'downstream_mtls: {max_verify_depth: 0}' });
    const expected: Readonly<Record<string, string>> = {
      '{ca: app, san_dns: a.corp.test}': 'valid, unknown-ca',
      '{ca: app, san_dns: a.other.test}': 'unknown-ca, unknown-ca',
      '{ca: app, san_dns: a.corp.test, intermediates: 1}': 'unknown-ca, unknown-ca',
    };
    assert.deepEqual(await verdicts(config, Object.keys(expected)), Object.values(expected));
  });

  it('hold the names that they are given', async () => {
    const names: Readonly<Record<string, string>> = {
      'san_email: {is: a@corp.test}': 'san_email: [b@corp.test, a@corp.test]',
      'san_dns: {is: a.corp.test}': 'san_dns: a.corp.test',
      'san_uri: {is: "spiffe://corp/a"}': 'san_uri: "spiffe://corp/a"',
    };
    for (const [criterion, written] of Object.entries(names)) {
      const config = configOf({ policy: `client_certificate: {${criterion}}` });
      await writeFile(join(directory, 'config.yaml'), config);
      const test = `{name: a, request: {url: https://app.corp.test/, certificate: {ca: app, ${written}}}, expect: {decision: allow}}`;
      await writeFile(join(directory, 'a.yaml'), `tests: [${test}]\n`);
      const { status, out } = await type(runTest, ['--config', join(directory, 'config.yaml'), join(directory, 'a.yaml')]);
      assert.equal(status, 0, out);
    }
    const patterns: Readonly<Record<string, string>> = {
      '{user_principal_name: ".*@corp[.]test"}': 'san_upn: alice@corp.test',
      '{ip_address: "10[.].*"}': 'san_ip: 10.0.0.7',
    };
    for (const [pattern, written] of Object.entries(patterns)) {
      const config = configOf({ more: `downstream_mtls: {match_subject_alt_names: [${pattern}]}` });
      assert.deepEqual(
        await verdicts(config, [`{ca: app, ${written}}`, '{ca: app}']),
        ['valid, unknown-ca', 'san-mismatch, unknown-ca'],
        written,
      );
    }
  });

  it('are real ones where a revocation list speaks, which knows no made-up ones', async () => {
    for (const crl of ['numbered.crl', 'plain.crl']) {
      const config = configOf({ ca: 'tls_downstream_client_ca_file: revoker.pem', more: `downstream_mtls: {crl_file: ${crl}}` });
      assert.deepEqual(
        await verdicts(config, ['revoked.pem', 'good.pem', '{ca: revoker.pem}']),
        ['revoked, unknown-ca', 'valid, unknown-ca', 'valid, unknown-ca'],
        crl,
      );
    }
  });

  it('judge the handshake of reject_connection too', async () => {
    const config = configOf({ more: 'downstream_mtls: {enforcement: reject_connection}' });
    await writeFile(join(directory, 'config.yaml'), config);
    await writeFile(
      join(directory, 'a.yaml'),
      `tests:
  - {name: a, request: {url: https://app.corp.test/, certificate: {ca: app}}, expect: {handshake: accepted, decision: allow}}
  - {name: b, request: {url: https://app.corp.test/, certificate: {self_signed: true}}, expect: {handshake: refused, status: 495}}
  - {name: c, request: {url: https://app.corp.test/, certificate: none}, expect: {handshake: refused, status: 495}}
`,
    );
    const { status, out } = await type(runTest, ['--config', join(directory, 'config.yaml'), join(directory, 'a.yaml')]);
    assert.equal(status, 0, out);
  });

  it('have subjects as they are written', async () => {
    await writeFile(join(directory, 'config.yaml'), configOf({}));
    const certificate = '{ca: app, subject: "CN=Doe\\\\, Jane,OU=Sales,O=Corp"}';
    await writeFile(
      join(directory, 'a.yaml'),
      `tests: [{name: a, request: {url: https://app.corp.test/, certificate: ${certificate}}, expect: {status: 418}}]\n`,
    );
    const { out } = await type(runTest, ['--config', join(directory, 'config.yaml'), join(directory, 'a.yaml')]);
    assert.match(out, /CN=Doe\\, Jane,OU=Sales,O=Corp/);
  });

  it('have the serial number that is asked for, and send the authorities below the one they are of', async () => {
    const names = { dns: [], email: [], uri: [], ip: [], upn: [] };
    const wanted = { subject: [['CN', 'a']] as const, names, notBefore: undefined, notAfter: undefined, purpose: 'client' } as const;
    const authority = await issueAuthority({ commonName: 'CA', ...decades });
    const chain = await issueSynthetic({ ...wanted, authority: undefined, serial: '0aff', intermediates: 2 }, authority);
    assert.deepEqual([chain[0]?.serialNumber, chain.map(({ ca }) => ca)], ['0AFF', [false, true, true]]);
  });

  it('are made by no part of the program that serves', () => {
    const source = join(import.meta.dirname, '../../src');
    const users = globSync('**/*.ts', { cwd: source })
      .filter((file) => /stand-in-authorities|issue-synthetic/.test(readFileSync(join(source, file), 'utf8')))
      .filter((file) => !file.startsWith('cli/testing/'));
    assert.deepEqual(users, ['cli/test.ts']);
  });
});
