import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AskOptions } from '../walk/house.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { certificateCases, clientOf } from './certificate-cases.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

const pki = await makePki();
const cases = await certificateCases(pki);
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";

/**
 * With `send_ca_names: false` the TLS layer knows no authority and takes no certificate for good: a proxy that asked it would keep everybody
 * out, and one that stopped asking would let everybody in.
 */
for (const enforcement of ['policy_with_default_deny', 'reject_connection'] as const)
  describe(`send_ca_names: false with enforcement: ${enforcement}`, () => {
    let street: CertificateHouse;
    let openssl: OpensslClient;
    const refused = enforcement === 'reject_connection' ? 'no connection' : 495;

    before(async () => {
      openssl = await openOpenssl();
      street = await openCertificateHouse({
        pki,
        config: `
downstream_mtls: {enforcement: ${enforcement}, send_ca_names: false, max_verify_depth: 2}
routes:
  - {from: https://a.postern.test, ${open}, tls_downstream_client_ca_file: ca-a.pem}
  - {from: https://b.postern.test, ${open}, tls_downstream_client_ca_file: ca-b.pem}
  - {from: https://public.postern.test, ${open}}
`,
      });
    });

    after(async () => {
      await openssl[Symbol.asyncDispose]();
      await street[Symbol.asyncDispose]();
    });

    async function outcome(host: string, options: AskOptions) {
      street.upstream.clear();
      const answer = await ask(street.house, street.url(host), options).then(
        ({ status }) => status,
        () => 'no connection' as const,
      );
      return [answer, street.upstream.bytes().length > 0 ? 'forwarded' : 'kept out'];
    }

    it('names no authority in the handshake, and asks all the same', async () => {
      for (const [host, asked] of [
        ['a', true],
        ['public', false],
      ] as const)
        for (const version of ['-tls1_2', '-tls1_3']) {
          const input = `GET / HTTP/1.1\r\nHost: ${street.authority(host)}\r\nConnection: close\r\n\r\n`;
          const sni = `${host}.postern.test`;
          const seen = await openssl.run({ port: street.house.port, sni, input, client: pki.alice, more: [version] });
          assert.match(seen.output, /No client certificate CA names sent/);
          assert.deepEqual([seen.output.includes('Requested Signature Algorithms'), seen.status], [asked, 200], `${host} ${version}`);
        }
    });

    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      it(`lets in and keeps out whom it would if it named them (${maxVersion})`, async () => {
        for (const tested of cases) {
          const expected = tested.refusal === undefined ? [200, 'forwarded'] : [refused, 'kept out'];
          assert.deepEqual(await outcome('a', { client: clientOf(tested), maxVersion }), expected, tested.what);
        }
        assert.deepEqual(await outcome('b', { client: pki.alice, maxVersion }), [refused, 'kept out']);
        assert.deepEqual(await outcome('public', { maxVersion }), [200, 'forwarded']);
      });

    it('still serves a host over connections of its own group alone', async () => {
      for (const [host, sni, client] of [
        ['b', 'a.postern.test', pki.alice],
        ['a', 'public.postern.test', pki.alice],
      ] as const)
        assert.deepEqual(await outcome(host, { sni, client }), [421, 'kept out'], `${host} over ${sni}`);
    });
  });
