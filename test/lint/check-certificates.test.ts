import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { frozenAt } from '../cli/terminal.ts';
import { toldByCheck } from './told-by-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-lint-certificates-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const day = 86_400_000;

const from = new Date(frozenAt - day);
const authority = await issueAuthority({ commonName: 'Lint Authority', from, to: new Date(frozenAt + 10 * day) });
const server = await issueServer(['a.corp.example', '*.b.corp.example'], frozenAt + 20 * day);
const ended = await issueServer(['c.corp.example'], frozenAt - 1000);
for (const [name, text] of Object.entries({
  'ca.pem': authority.certificatePem,
  'server.pem': server.certificatePem,
  'server.key': server.keyPem,
  'ended.pem': ended.certificatePem,
  'ended.key': ended.keyPem,
}))
  writeFileSync(join(folder, name), text, { mode: 0o600 });

async function issueServer(dnsNames: readonly string[], end: number): ReturnType<typeof issueServerCertificate> {
  const [commonName = ''] = dnsNames;
  return issueServerCertificate(authority, { commonName, dnsNames, from, to: new Date(end) });
}

const check = (text: string): ReturnType<typeof toldByCheck> => toldByCheck(folder, text);

describe('checkCertificates()', () => {
  it('tells certificates that have ended or end within thirty days, each file once', async () => {
    const told = await check(`certificates:
  - {cert: server.pem, key: server.key}
  - {cert: ended.pem, key: ended.key}
downstream_mtls: {ca_file: ca.pem}
routes:
  - {from: 'https://a.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca.pem}
`);
    assert.deepEqual(told, [
      '2 certificate-expires: The certificate CN=a.corp.example of server.pem ends on 2026-06-21, in 20 days',
      '3 certificate-expires: The certificate CN=c.corp.example of ended.pem ended on 2026-06-01',
      '4 certificate-expires: The certificate CN=Lint Authority of ca.pem ends on 2026-06-11, in 10 days',
    ]);
  });

  it('tells hosts that no certificate covers: a wildcard covers one label, and the authenticate host counts too', async () => {
    const told = await check(`certificates: [{cert: server.pem, key: server.key}]
authenticate_service_url: https://auth.corp.example
routes:
  - {from: 'https://a.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
  - {from: 'https://x.b.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
  - {from: 'https://*.b.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
  - {from: 'https://y.x.b.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
  - {from: 'https://*-b.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
`);
    assert.deepEqual(
      told.filter((line) => line.includes('uncovered')),
      [
        '2 uncovered-host: authenticate_service_url: no server certificate covers auth.corp.example',
        '7 uncovered-host: routes[3].from: no server certificate covers y.x.b.corp.example',
      ],
    );
  });
});
