import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { fieldsAt } from './request-head.ts';
import { inline } from './revocation-lists.ts';

const pki = await makePki();
const day = 86_400_000;
const dates = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
// Everybody here says that they are alice, as an authority of one department can certify of whom it likes.
const alice = { ...dates, commonName: 'alice', emails: ['alice@example.com'] };
const middle = await issueIntermediate(pki.caA, { ...dates, commonName: 'Client CA B' });
const clients = {
  ofA: pki.alice,
  ofB: await issueClientCertificate(pki.caB, alice),
  ofSameName: pki.ofSameName,
  // Of an authority with CA B's name below CA A: a name is nothing.
  ofMiddle: await chained(),
};
type Client = keyof typeof clients;

async function chained(): Promise<{ readonly certificatePem: string; readonly keyPem: string }> {
  const leaf = await issueClientCertificate(middle, alice);
  return { certificatePem: leaf.certificatePem + middle.certificatePem, keyPem: leaf.keyPem };
}

const bundle = (...authorities: readonly { readonly certificatePem: string }[]): string =>
  inline(authorities.map(({ certificatePem }) => certificatePem).join(''));
const all = bundle(pki.caA, pki.caB, pki.sameNameCa);
const known = "to: '{{to}}', allow_any_authenticated_user: true, authentication: client_certificate";
const ruleOf = (name: string, ca: string): string =>
  `{name: ${name}, ${ca}, from: san_email, to: email, domains: [example.com], groups: [${name}]}`;

const config = `
downstream_mtls: {ca: ${all}, max_verify_depth: 2}
client_certificate_authorities: [{name: a, file: ca-a.pem}, {name: b, file: ca-b.pem}]
pass_identity_headers: true
jwt_claims_headers: [email, groups]
certificate_identities:
  - ${ruleOf('staff', 'ca_file: ca-a.pem')}
certificate_links:
  - {subject_name: alice@example.com, ca_file: ca-b.pem, user: partner-alice}
routes:
  - {from: https://staff.postern.test, ${known}}
  - {from: https://own.postern.test, ${known}, certificate_identities: [${ruleOf('partners', 'ca_file: ca-b.pem')}]}
  - {from: https://linked.postern.test, ${known}, certificate_identities: [{name: mine, from: linked}]}
  - {from: https://narrow.postern.test, ${known}, tls_downstream_client_ca_file: ca-b.pem, certificate_identities: [{name: any, from: san_email, to: email, domains: [example.com], groups: [any]}]}
  - {from: https://paths.postern.test, prefix: /a, ${known}, tls_downstream_client_ca_file: ca-a.pem}
  - {from: https://paths.postern.test, prefix: /b, ${known}, tls_downstream_client_ca_file: ca-b.pem, certificate_identities: [${ruleOf('partners', 'ca_file: ca-b.pem')}]}
  - {from: https://paths.postern.test, prefix: /wrong, ${known}, tls_downstream_client_ca_file: ca-b.pem, certificate_identities: [${ruleOf('staff', 'ca_file: ca-a.pem')}]}
  - from: https://policy.postern.test
    to: '{{to}}'
    policy: {allow: {and: [{client_certificate: {ca: b}}]}}
`;

const [staff, partners, stranger, refused] = ['200 alice@example.com staff', '200 alice@example.com partners', '403', '495'];
// oxfmt-ignore
const expected: Readonly<Record<string, Readonly<Record<Client, string>>>> = {
  'staff/':      { ofA: staff,    ofB: stranger,          ofSameName: stranger, ofMiddle: staff },
  'own/':        { ofA: stranger, ofB: partners,          ofSameName: stranger, ofMiddle: stranger },
  'linked/':     { ofA: stranger, ofB: '200',             ofSameName: stranger, ofMiddle: stranger },
  'narrow/':     { ofA: refused,  ofB: '200 alice@example.com any', ofSameName: refused, ofMiddle: refused },
  'paths/a':     { ofA: staff,    ofB: refused,           ofSameName: refused,  ofMiddle: staff },
  'paths/b':     { ofA: refused,  ofB: partners,          ofSameName: refused,  ofMiddle: refused },
  'paths/wrong': { ofA: refused,  ofB: stranger,          ofSameName: refused,  ofMiddle: refused },
  'policy/':     { ofA: stranger, ofB: '200',             ofSameName: stranger, ofMiddle: stranger },
};

/**
 * An authority that certifies for one thing certifies whatever names it likes: a rule counts for the keys that it names, and an authority
 * of the same name is a stranger (Keycloak issue 52801).
 */
describe('a certificate in whose name another authority would speak', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({ pki, config });
  });

  after(() => street[Symbol.asyncDispose]());

  for (const [place, outcomes] of Object.entries(expected))
    it(`is whom the rules of its own authority make of it: ${place}`, async () => {
      const [host = '', path = ''] = place.split('/');
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
        for (const who of Object.keys(clients) as readonly Client[]) {
          street.upstream.clear();
          const { status } = await ask(street.house, street.url(host, `/${path}`), { client: clients[who], maxVersion });
          const told = fieldsAt(street.upstream).flatMap(([name, value]) =>
            name.startsWith('x-pomerium-claim') && value !== '' ? value : [],
          );
          assert.equal([status, ...told].join(' '), outcomes[who], `${who} (${maxVersion})`);
        }
    });
});
