import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { certificateCases, clientOf } from './certificate-cases.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';

const pki = await makePki();
const cases = await certificateCases(pki);
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const ofA = `${open}, tls_downstream_client_ca_file: ca-a.pem`;
const ofB = `${open}, tls_downstream_client_ca_file: ca-b.pem`;

/** Real handshakes: OpenSSL rebuilds chains and drops certificates before our judge sees them. */
describe('the certificate that a client presents', () => {
  let own: CertificateHouse;
  let shared: CertificateHouse;

  before(async () => {
    own = await openCertificateHouse({
      pki,
      config: `
downstream_mtls: {max_verify_depth: 2}
routes:
  - {from: https://a.postern.test, ${ofA}}
  - {from: https://paths.postern.test, prefix: /one, ${ofA}}
  - {from: https://paths.postern.test, prefix: /two, ${ofB}}
  - {from: https://paths.postern.test, ${open}}
`,
    });
    shared = await openCertificateHouse({
      pki,
      config: `
downstream_mtls: {ca_file: ca-b.pem}
routes:
  - {from: https://a.postern.test, ${ofA}}
  - {from: https://shared.postern.test, ${open}}
  - {from: https://paths.postern.test, prefix: /one, ${ofA}}
  - {from: https://paths.postern.test, ${open}}
`,
    });
  });

  after(async () => {
    await own[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  });

  for (const maxVersion of versions) {
    for (const [index, tested] of cases.entries()) {
      const { what, refusal } = tested;
      it(`(${what}) is ${refusal === undefined ? 'accepted' : `refused: ${refusal.detail ?? refusal.reason}`} (${maxVersion})`, async () => {
        const { house, upstream, url } = own;
        upstream.clear();
        const path = `/case-${index}-${maxVersion}`;
        const { status } = await ask(house, url('a', path), { client: clientOf(tested), maxVersion });
        const line = await house.logLine((entry) => entry['path'] === path);
        const seen = { status, reasons: line['reasons'], detail: line['certificate_detail'], forwarded: upstream.bytes().length > 0 };
        const expected = refusal ?? { reason: 'accept', detail: null };
        assert.deepEqual(seen, {
          status: refusal === undefined ? 200 : 495,
          reasons: [expected.reason],
          detail: expected.detail,
          forwarded: refusal === undefined,
        });
      });
    }
  }

  it('is refused with the same words whatever is wrong with it: only the reference differs', async () => {
    const bodies = new Set<string>();
    for (const tested of cases) {
      if (tested.refusal === undefined) continue;
      const client = clientOf(tested);
      const { body, headers } = await ask(own.house, own.url('a'), { client, headers: { accept: 'text/html' } });
      const reference = String(headers['x-request-id'] ?? /[0-9a-f-]{36}/.exec(body)?.[0]);
      bodies.add(body.replaceAll(reference, 'the reference'));
    }
    assert.equal(bodies.size, 1);
  });

  // oxfmt-ignore
  const places: readonly (readonly [place: 'own' | 'shared', host: string, path: string, nobody: number, alice: number, bea: number])[] = [
    // Each path of a host by its own authorities; asked is for those of all of them.
    ['own',    'paths',  '/one',       495, 200, 495],
    ['own',    'paths',  '/two',       495, 495, 200],
    ['own',    'paths',  '/elsewhere', 200, 200, 200],
    // A route's own authorities replace the shared ones, in both directions.
    ['shared', 'a',      '/',          495, 200, 495],
    ['shared', 'shared', '/',          495, 495, 200],
    ['shared', 'paths',  '/one',       495, 200, 495],
    ['shared', 'paths',  '/two',       495, 495, 200],
  ];

  for (const [place, host, path, ...expected] of places) {
    it(`counts where its authority does: ${host}${path}, ${place === 'own' ? 'authorities of routes only' : 'one authority shared by all'}`, async () => {
      const street = place === 'own' ? own : shared;
      for (const maxVersion of versions) {
        for (const [at, client] of [undefined, pki.alice, pki.ofB].entries()) {
          street.upstream.clear();
          const { status } = await ask(street.house, street.url(host, path), { client, maxVersion });
          assert.deepEqual([status, street.upstream.bytes() !== ''], [expected[at], expected[at] === 200], `${at} ${maxVersion}`);
        }
      }
    });
  }
});
