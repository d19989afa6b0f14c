import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateCase } from './certificate-cases.ts';
import { certificateCases, clientOf } from './certificate-cases.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { fieldsAt } from './request-head.ts';
import { somebodyWhoSignsIn } from './somebody-who-signs-in.ts';

const pki = await makePki();
const cases = await certificateCases(pki);
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const known = "to: '{{to}}', allow_any_authenticated_user: true";

/** A status, and whom the upstream was told of: the certificate, the address, the user. */
type Outcome = readonly [status: number, ...told: readonly string[]];
interface Outcomes {
  readonly nothing: Outcome;
  readonly good: Outcome;
  readonly bad: Outcome;
}

const alice = ['CN=alice', 'alice@example.com', 'certificate/staff/alice@example.com'];
const hosts: Readonly<Record<string, Outcomes>> = {
  optional: { nothing: [200], good: [200, 'CN=alice'], bad: [495] },
  either: { nothing: [302], good: [200, ...alice], bad: [495] },
  anonymous: { nothing: [200, 'nobody-known'], good: [200, ...alice], bad: [200, 'nobody-known'] },
};

/** Where no certificate is needed a bad one must not be better than none, nor than a good one: nobody becomes somebody by it. */
for (const [settings, version, usual] of [
  ['', 'TLSv1.2', { nothing: [495], good: [200, 'CN=alice'], bad: [495] }],
  ['send_ca_names: false, enforcement: policy', 'TLSv1.3', { nothing: [200], good: [200, 'CN=alice'], bad: [200] }],
] as const)
  describe(`a certificate where none is needed (${settings || 'the usual settings'}, ${version})`, () => {
    let street: CertificateHouse;

    before(async () => {
      street = await openCertificateHouse({
        pki,
        config: `
${somebodyWhoSignsIn}
downstream_mtls: {ca_file: ca-a.pem, max_verify_depth: 2${settings === '' ? '' : `, ${settings}`}}
pass_client_certificate: [x_client]
pass_identity_headers: true
jwt_claims_headers: [email]
certificate_identities: [{name: staff, ca_file: ca-a.pem, from: san_email, to: email, domains: [example.com]}]
routes:
  - {from: https://usual.postern.test, ${open}}
  - {from: https://optional.postern.test, ${open}, client_certificate_mode: optional}
  - {from: https://either.postern.test, ${known}, authentication: either}
  - {from: https://anonymous.postern.test, ${known}, authentication: client_certificate, anonymous_identity: {user: nobody-known}}
`,
      });
    });

    after(() => street[Symbol.asyncDispose]());

    for (const [host, outcomes] of Object.entries<Outcomes>({ usual, ...hosts }))
      it(`on ${host}: none ${outcomes.nothing[0]}, a good one ${outcomes.good[0]}, and each bad one ${outcomes.bad[0]}`, async () => {
        const seen: unknown[] = [];
        for (const tested of cases) {
          street.upstream.clear();
          const { status } = await ask(street.house, street.url(host), { client: clientOf(tested), maxVersion: version });
          seen.push([tested.what, status, ...told()]);
        }
        assert.deepEqual(
          seen,
          cases.map((tested) => [tested.what, ...outcomeOf(tested, outcomes)]),
        );
      });

    function told(): readonly string[] {
      return fieldsAt(street.upstream)
        .flatMap(([name, value]) => {
          if (name === 'x-pomerium-jwt-assertion') return subjectOf(value);
          return (name === 'x-client-dn' || name === 'x-pomerium-claim-email') && value !== '' ? value : [];
        })
        .toSorted();
    }
  });

function outcomeOf({ leaf, refusal }: CertificateCase, { nothing, good, bad }: Outcomes): Outcome {
  if (leaf === undefined) return nothing;
  return refusal === undefined ? good : bad;
}

function subjectOf(assertion: string): readonly string[] {
  const { sub } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')) as { readonly sub?: string };
  return sub === undefined ? [] : [sub];
}
