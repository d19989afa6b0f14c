import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CertificateHouse } from '../dangers/certificate-house.ts';
import { openCertificateHouse } from '../dangers/certificate-house.ts';
import type { OpensslClient } from '../dangers/openssl-client.ts';
import { openOpenssl } from '../dangers/openssl-client.ts';
import { ask } from './house.ts';
import { makePki } from './pki.ts';

const pki = await makePki();
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const clients = [undefined, pki.alice, pki.ofB, pki.ofSameName, pki.expired];
const modes = ['usual', 'required', 'optional', 'none'] as const;

const routes = modes.map((mode) => {
  const own = mode === 'usual' ? '' : `, client_certificate_mode: ${mode}`;
  return `  - {from: https://${mode}.postern.test, ${open}${own}, certificate_denied_status: 403}`;
});

// oxfmt-ignore
const expected = {
  policy_with_default_deny: {
    usual:    [403, 200, 403, 403, 403],
    required: [403, 200, 403, 403, 403],
    optional: [200, 200, 403, 403, 403],
    none:     [200, 200, 200, 200, 200],
  },
  policy: {
    usual:    [200, 200, 200, 200, 200],
    required: [403, 200, 403, 403, 403],
    optional: [200, 200, 403, 403, 403],
    none:     [200, 200, 200, 200, 200],
  },
  reject_connection: {
    usual:    [0, 200, 0, 0, 0],
    required: [0, 200, 0, 0, 0],
    optional: [200, 200, 403, 403, 403],
    none:     [200, 200, 200, 200, 200],
  },
};

for (const [enforcement, ofModes] of Object.entries(expected))
  describe(`client_certificate_mode with enforcement: ${enforcement}`, () => {
    let street: CertificateHouse;
    let openssl: OpensslClient;

    before(async () => {
      openssl = await openOpenssl();
      const config = [`downstream_mtls: {ca_file: ca-a.pem, enforcement: ${enforcement}}`, 'routes:', ...routes].join('\n');
      street = await openCertificateHouse({ pki, config });
    });

    after(async () => {
      await openssl[Symbol.asyncDispose]();
      await street[Symbol.asyncDispose]();
    });

    it('asks on every host but those of none', async () => {
      const asked = await Promise.all(
        modes.map(async (mode) => {
          const input = `GET / HTTP/1.1\r\nHost: ${street.authority(mode)}\r\nConnection: close\r\n\r\n`;
          const seen = await openssl.run({ port: street.house.port, sni: `${mode}.postern.test`, input, client: pki.alice });
          return [seen.asked, seen.status];
        }),
      );
      assert.deepEqual(asked, [
        [true, 200],
        [true, 200],
        [true, 200],
        [false, 200],
      ]);
    });

    for (const [mode, statuses] of Object.entries(ofModes))
      it(`${mode}: answers no, a good and three bad certificates ${statuses.join(', ')}`, async () => {
        const seen: number[] = [];
        for (const client of clients)
          seen.push(
            await ask(street.house, street.url(mode), { client }).then(
              ({ status }) => status,
              // No connection.
              () => 0,
            ),
          );
        assert.deepEqual(seen, statuses);
      });
  });
