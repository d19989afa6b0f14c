import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';
import { frozenAt, type } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-check-hosts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const from = new Date(frozenAt - 86_400_000);
const to = new Date(frozenAt + 90 * 86_400_000);
const [staff, partners] = await Promise.all(['Staff CA', 'Partner CA'].map((commonName) => issueAuthority({ commonName, from, to })));
if (staff === undefined || partners === undefined) throw new Error('no authorities');
const dnsNames = ['*.corp.example', '*.apps.corp.example'];
const server = await issueServerCertificate(staff, { commonName: 'corp.example', dnsNames, from, to });
for (const [name, text] of Object.entries({
  'staff.pem': staff.certificatePem,
  'partners.pem': partners.certificatePem,
  'lists.pem': issueCrl(staff, { revoked: [], number: 1n, from, to }) + issueCrl(partners, { revoked: [], number: 1n, from, to }),
  'server.pem': server.certificatePem,
  'server.key': server.keyPem,
}))
  writeFileSync(join(folder, name), text, { mode: 0o600 });

const file = join(folder, 'config.yaml');
const route = (host: string, more = ''): string =>
  `  - {from: 'https://${host}', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true${more}}`;

async function check(lines: readonly string[], ...args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const own = ['certificates: [{cert: server.pem, key: server.key}]', `state_directory: ${join(folder, 'state')}`];
  writeFileSync(file, [...own, ...lines, ''].join('\n'), { mode: 0o600 });
  const { status, out, err } = await type(runCheck, ['--no-env', '--config', file, ...args]);
  assert.equal(status, 0, err);
  // A test has no say in where its files lie.
  return { out: out.replaceAll(`${folder}/`, ''), err };
}

const sha256 = ({ certificate }: Issued): string => certificate.fingerprint256.replaceAll(':', '').toLowerCase();

const several = [
  'authenticate_service_url: https://auth.corp.example',
  'idp_provider: oidc',
  'idp_provider_url: http://127.0.0.1:1',
  'idp_client_id: postern',
  'idp_client_secret: nobody will ask',
  'downstream_mtls: {ca_file: staff.pem, crl_file: lists.pem, enforcement: policy_with_default_deny}',
  'certificate_sign_in_url: https://certificate.corp.example',
  'routes:',
  route('a.corp.example'),
  route('b.corp.example'),
  route(
    'paths.corp.example',
    ', prefix: /guests/, client_certificate_mode: optional, client_certificate_revocation: {mode: strict, sources: [ocsp], allowed_hosts: [ocsp.corp.example]}',
  ),
  route('paths.corp.example'),
  route('open.corp.example', ', client_certificate_mode: none'),
  route('*.apps.corp.example', ', tls_downstream_client_ca_file: partners.pem'),
];

describe('the table of hosts in postern check', () => {
  it('tells who is asked for which certificate, and why, within 80 columns', async () => {
    const { out } = await check(several);
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    );
    assert.equal(
      out.slice(out.indexOf('\n') + 1),
      `
Client certificates by host

  a.corp.example
  b.corp.example
    required   495 without a valid one
    issued by  CN=Staff CA
               ${sha256(staff)}
    revocation ignore_ca_error: crl_file
    because of downstream_mtls.ca_file (config.yaml:8)

  paths.corp.example
    required   none is fine, a bad one is answered 495; 495 without a valid one
    issued by  CN=Staff CA
               ${sha256(staff)}
    revocation strict: ocsp
               ignore_ca_error: crl_file
    because of downstream_mtls.ca_file (config.yaml:8)
               routes[2].client_certificate_mode (config.yaml:13)

  *.apps.corp.example
    required   495 without a valid one
    issued by  CN=Partner CA
               ${sha256(partners)}
    revocation ignore_ca_error: crl_file
    because of routes[5].tls_downstream_client_ca_file (config.yaml:16)

  certificate.corp.example (certificate sign-in)
    optional   none is fine
    issued by  ${[staff, partners]
      .toSorted((one, other) => (sha256(one) < sha256(other) ? -1 : 1))
      .map((one) => `${one.certificate.subject ?? ''}\n               ${sha256(one)}`)
      .join('\n               ')}
    revocation ignore_ca_error: crl_file
    because of certificate_sign_in_url (config.yaml:9)

Nobody is asked for a certificate at

  open.corp.example: routes[4].client_certificate_mode (config.yaml:15)
  auth.corp.example (authenticate): authenticate_service_url (config.yaml:3)
`,
    );
  });

  it('has the same in the document of --json, one row for each host', async () => {
    const { out } = await check(several, '--json');
    const { hosts } = JSON.parse(out) as { readonly hosts: readonly { readonly host: string; readonly asks: string }[] };
    assert.deepEqual(
      hosts.map(({ host, asks }) => `${host} ${asks}`),
      [
        'a.corp.example required',
        'b.corp.example required',
        'paths.corp.example required',
        'open.corp.example no',
        '*.apps.corp.example required',
        'certificate.corp.example optional',
        'auth.corp.example no',
      ],
    );
    assert.deepEqual(hosts[0], {
      host: 'a.corp.example',
      role: 'routes',
      asks: 'required',
      enforcement: '495 without a valid one',
      authorities: [{ subject: 'CN=Staff CA', sha256: sha256(staff) }],
      revocation: [{ mode: 'ignore_ca_error', sources: ['crl_file'] }],
      why: ['downstream_mtls.ca_file (config.yaml:8)'],
    });
  });

  it('says what becomes of whoever shows none, by enforcement and status', async () => {
    assert.deepEqual(
      [
        await demandOf('enforcement: reject_connection'),
        await demandOf('enforcement: policy'),
        await demandOf('enforcement: policy, send_ca_names: false', ', client_certificate_mode: required, certificate_denied_status: 401'),
        await demandOf('enforcement: reject_connection', ', client_certificate_mode: optional, certificate_denied_status: 403'),
      ],
      [
        'required: the handshake fails without a valid one',
        'optional: the policy decides',
        'required: 401 without a valid one; the handshake names no CA',
        'optional: none is fine, a bad one is answered 403',
      ],
    );
  });

  it('says nothing where no host asks, and shortens a long list of those that do not', async () => {
    const { out } = await check(['routes:', route('a.corp.example')]);
    assert.equal(out, 'The configuration is good: 1 route\n');
    const plain = Array.from({ length: 30 }, (_, index) => route(`plain-${index}.corp.example`));
    const many = await check(['routes:', ...plain, route('a.corp.example', ', tls_downstream_client_ca_file: staff.pem')]);
    assert.match(many.out, /at\n\n(?: {2}plain-[0-7]\.corp\.example: no client CA\n){8} {2}and 22 more\n$/);
  });

  it('warns of a route of an address that looks at certificates: a handshake names none, so nobody is ever asked', async () => {
    assert.deepEqual(await toldOfAddresses(', tls_downstream_client_ca_file: staff.pem'), [
      [never(0, '192.0.2.1'), never(1, '[2001:db8::1]')],
      [
        '192.0.2.1 no: a handshake names no IP address: every answer is 421',
        '[2001:db8::1] no: a handshake names no IP address: every answer is 421',
      ],
    ]);
    assert.deepEqual(await toldOfAddresses(''), [[], ['192.0.2.1 no: no client CA', '[2001:db8::1] no: no client CA']]);
  });
});

/** What becomes of visitors of one host, as the table says. */
async function demandOf(mtls: string, more = ''): Promise<string> {
  const { out } = await check([`downstream_mtls: {ca_file: staff.pem, ${mtls}}`, 'routes:', route('a.corp.example', more)], '--json');
  const { hosts } = JSON.parse(out) as Told;
  return `${hosts[0]?.asks}: ${hosts[0]?.enforcement}`;
}

interface Told {
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly hosts: readonly {
    readonly host: string;
    readonly asks: string;
    readonly enforcement: string;
    readonly why: readonly string[];
  }[];
}

/** Of an IPv4 and an IPv6 address: the routes that nothing reaches, and the rows of the table. */
async function toldOfAddresses(more: string): Promise<readonly (readonly string[])[]> {
  const { out } = await check(['routes:', route('192.0.2.1', more), route('[2001:db8::1]', more)], '--json');
  const { problems, hosts } = JSON.parse(out) as Told;
  const unreachable = problems.filter(({ code }) => code === 'unreachable-route').map(({ message }) => message);
  return [unreachable, hosts.map(({ host, asks, why }) => `${host} ${asks}: ${why.join()}`)];
}

function never(index: number, host: string): string {
  return `No request reaches routes[${index}]: it looks at client certificates, and nobody is asked for one at ${host}, because handshakes name no addresses; give it a host name, or write client_certificate_mode: none`;
}
