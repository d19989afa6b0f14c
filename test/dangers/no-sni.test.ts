import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

/** The host that asks comes first: a server that falls back on its first context would ask, or worse, believe it had asked. */
const routes = `
routes:
  - {from: https://a.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}
  - {from: https://public.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true}
`;

const names: readonly (readonly [what: string, sni: string | undefined])[] = [
  ['no name', undefined],
  ['an IPv4 address', '127.0.0.1'],
  ['an IPv6 address', '::1'],
  ['an IPv6 address in brackets', '[::1]'],
  ['a name under the same certificate', 'nowhere.postern.test'],
  ['a name of another domain', 'a.other.test'],
  ['the parent of every host', 'postern.test'],
  ['a wildcard', '*.postern.test'],
];

describe('a handshake with no name, or one that is no host here', () => {
  const streets: { readonly asks: string; readonly street: CertificateHouse }[] = [];
  let openssl: OpensslClient;

  before(async () => {
    openssl = await openOpenssl();
    const configs = { 'per route': routes, 'and rejects connections': `downstream_mtls: {enforcement: reject_connection}\n${routes}` };
    for (const [asks, config] of Object.entries(configs)) streets.push({ asks, street: await openCertificateHouse({ config }) });
    const everywhere = routes.replaceAll('tls_downstream_client_ca_file: ca-a.pem, ', '');
    const config = `downstream_mtls: {ca_file: ca-a.pem}\n${everywhere}`;
    streets.push({ asks: 'on every host', street: await openCertificateHouse({ config }) });
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    for (const { street } of streets) await street[Symbol.asyncDispose]();
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    for (const [what, sni] of names) {
      it(`(${what}) asks for no certificate and opens no host that needs one (${version})`, async () => {
        for (const { asks, street } of streets) {
          const { house, upstream } = street;
          upstream.clear();
          const { statuses, asked } = await openssl.run({
            port: house.port,
            sni,
            client: house.pki.alice,
            input: requests(street, 'public', 'a'),
            more: [version],
          });
          const found = { statuses, asked, refusedForwarded: upstream.bytes().includes('/a') };
          const expected = asks === 'on every host' ? [421] : [200, 421];
          assert.deepEqual(found, { statuses: expected, asked: false, refusedForwarded: false }, `a certificate is asked for ${asks}`);
        }
      });
    }

    it(`is told from one with the name of the host, which asks and lets in (${version})`, async () => {
      for (const { asks, street } of streets) {
        const { house } = street;
        const input = requests(street, 'a');
        const { statuses, asked } = await openssl.run({
          port: house.port,
          sni: 'a.postern.test',
          client: house.pki.alice,
          input,
          more: [version],
        });
        assert.deepEqual({ statuses, asked }, { statuses: [200], asked: true }, `a certificate is asked for ${asks}`);
      }
    });
  }

  it('shows a certificate that nobody can take for a right one where none fits', async () => {
    const { street } = streets[0] ?? {};
    assert.ok(street);
    const { output } = await openssl.run({
      port: street.house.port,
      sni: 'a.other.test',
      input: 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    });
    assert.match(output, /subject=CN = "Postern, no certificate for this name"/);
  });
});

/** One connection, a request for each host; after the last the connection ends. */
function requests({ authority }: CertificateHouse, ...hosts: readonly string[]): string {
  const last = hosts.length - 1;
  return hosts
    .map((host, at) => `GET /${host} HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: ${at === last ? 'close' : 'keep-alive'}\r\n\r\n`)
    .join('');
}
