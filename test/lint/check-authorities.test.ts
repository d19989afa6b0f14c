import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { issueAuthority, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { frozenAt } from '../cli/terminal.ts';
import { toldByCheck } from './told-by-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-lint-authorities-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const validity = { from: new Date(frozenAt - 86_400_000), to: new Date(frozenAt + 900 * 86_400_000) };
const staff = await issueAuthority({ commonName: 'Staff CA', ...validity });
const files = {
  staff,
  renewed: await issueAuthority({ commonName: 'Staff CA, renewed', keyPem: staff.keyPem, ...validity }),
  namesake: await issueAuthority({ commonName: 'Staff CA', ...validity }),
  intermediate: await issueIntermediate(staff, { commonName: 'Department', ...validity }),
  partner: await issueAuthority({ commonName: 'Partner CA', ...validity }),
};
for (const [name, { certificatePem }] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), certificatePem);
writeFileSync(join(folder, 'both.pem'), files.staff.certificatePem + files.intermediate.certificatePem);

const top = 'insecure_server: true\naccept_client_certificate: {dialect: xfcc, from: [10.0.0.5]}\n';
const rule = (ca: string): string => `{name: people, from: serial, ca_file: ${ca}.pem}`;
const anybody = 'authentication: client_certificate, allow_any_authenticated_user: true';
const route = (host: string, more = anybody): string => `  - {from: 'https://${host}.corp.example', to: 'http://127.0.0.1:1', ${more}}\n`;

/** What is told of authorities, with the message up to the cure. */
async function told(text: string): Promise<readonly string[]> {
  const all = await toldByCheck(folder, top + text);
  assert.deepEqual(
    all.filter((line) => !line.includes('unaccepted-authority')),
    [],
  );
  return all.map((line) => line.replace(' unaccepted-authority', '').replace(/ in its client CA file: .*$/, ''));
}

function withRule(ca: string, file = 'staff'): Promise<readonly string[]> {
  return told(`downstream_mtls: {ca_file: ${file}.pem}\ncertificate_identities: [${rule(ca)}]\nroutes:\n${route('a')}`);
}

function never(what: string): readonly string[] {
  return [`4: certificate_identities[0].ca_file: the rule "people" never maps anybody, because no route with the rule has ${what}`];
}

describe('checkAuthorities()', () => {
  it('tells a rule whose authority no route accepts that uses it, and what to do', async () => {
    const config = `downstream_mtls: {ca_file: staff.pem}\ncertificate_identities: [${rule('partner')}]\nroutes:\n${route('a')}`;
    assert.deepEqual(await toldByCheck(folder, top + config), [
      '4 unaccepted-authority: certificate_identities[0].ca_file: the rule "people" never maps anybody, because no route with the rule has "CN=Partner CA" of partner.pem in its client CA file: add it there, or correct ca_file; neither another CA of the same name counts, nor an intermediate that is only sent along',
    ]);
  });

  it('compares keys: a namesake and an intermediate that is only sent are others, a renewed CA is the same', async () => {
    assert.deepEqual(await withRule('namesake'), never('"CN=Staff CA" of namesake.pem'));
    assert.deepEqual(await withRule('intermediate'), never('"CN=Department" of intermediate.pem'));
    for (const [ca, file] of [['intermediate', 'both'], ['staff', 'both'], ['renewed'], ['both']] as const)
      assert.deepEqual(await withRule(ca, file), []);
  });

  it('looks at the routes that follow a rule alone, and at the host where certificates are signed in with', async () => {
    const ofPartner = 'tls_downstream_client_ca_file: partner.pem';
    const config = (more: string): string =>
      `downstream_mtls: {ca_file: staff.pem}\ncertificate_identities: [${rule('partner')}]\n${more}routes:\n${route('a')}`;
    const bystander = route('b', `allow_public_unauthenticated_access: true, ${ofPartner}`);
    assert.deepEqual(await told(`${config('')}${bystander}`), never('"CN=Partner CA" of partner.pem'));
    assert.deepEqual(await told(`${config('')}${route('b', `${anybody}, ${ofPartner}`)}`), []);
    const own = route('b', `${anybody}, ${ofPartner}, certificate_identities: [{name: own, from: serial, ca_file: staff.pem}]`);
    assert.deepEqual(
      (await told(`downstream_mtls: {ca_file: staff.pem}\nroutes:\n${own}`)).map((line) => line.split(' never')[0]),
      ['5: routes[0].certificate_identities[0].ca_file: the rule "own"'],
    );
    const signIn = `certificate_sign_in_url: https://certificate.corp.example
sign_in_methods: [idp, client_certificate]
authenticate_service_url: https://auth.corp.example
idp_provider: oidc
idp_provider_url: https://idp.corp.example
idp_client_id: postern
idp_client_secret_file: secret
state_directory: .
`;
    writeFileSync(join(folder, 'secret'), 'hunter2', { mode: 0o600 });
    assert.deepEqual(await told(`${config(signIn)}${bystander}`), []);
  });

  it('tells links and names that policies use', async () => {
    const linked = 'certificate_identities: [{from: linked}]\ncertificate_links: [{subject_name: a, user: a, ca_file: partner.pem}]\n';
    assert.deepEqual(await told(`downstream_mtls: {ca_file: staff.pem}\n${linked}routes:\n${route('a')}`), [
      '5: certificate_links[0].ca_file: certificate_links[0] never finds a certificate, because no route with a rule from: linked has "CN=Partner CA" of partner.pem',
    ]);
    const names = 'client_certificate_authorities: [{name: staff, file: staff.pem}, {name: partner, file: partner.pem}]\n';
    const policy = (ca: string): string => route('a', `policy: {allow: {and: [{client_certificate: {ca: ${ca}}}]}}`);
    const one =
      '4: client_certificate_authorities[1].file: ca: "partner" holds of no certificate, because no route with that name in its policy has "CN=Partner CA" of partner.pem';
    for (const [ca, expected] of [
      ['partner', [one]],
      ['{in: [staff, partner]}', [one]],
      ['{not: partner}', [one]],
      ['staff', []],
      ['{starts_with: part}', []],
    ] as const)
      assert.deepEqual(await told(`downstream_mtls: {ca_file: staff.pem}\n${names}routes:\n${policy(ca)}`), expected, ca);
  });
});
