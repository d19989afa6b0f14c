import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

/** Versions and suites that are broken (RFC 8996, RFC 9325), offered by a client that would take anything. */
describe('a handshake of another age', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    [street, openssl] = await Promise.all([openCertificateHouse(), openOpenssl()]);
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  const anything = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';
  const offers: readonly (readonly [what: string, more: readonly string[], alert: RegExp])[] = [
    ['TLS 1.0', ['-tls1', '-cipher', anything], /alert protocol version/],
    ['TLS 1.1', ['-tls1_1', '-cipher', anything], /alert protocol version/],
    [
      'TLS 1.2 with nothing but CBC',
      ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
      /handshake failure/,
    ],
    ['TLS 1.2 without forward secrecy', ['-tls1_2', '-cipher', 'kRSA:@SECLEVEL=0'], /handshake failure/],
    ['TLS 1.2 without a certificate of the server', ['-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0'], /handshake failure/],
    ['TLS 1.2 without encryption', ['-tls1_2', '-cipher', 'eNULL:@SECLEVEL=0'], /handshake failure/],
  ];

  for (const [what, more, alert] of offers) {
    it(`is refused: ${what}`, async () => {
      const { house, upstream, authority } = street;
      upstream.clear();
      for (const host of ['public', 'a']) {
        const input = `GET / HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: close\r\n\r\n`;
        const seen = await openssl.run({ port: house.port, sni: `${host}.postern.test`, client: house.pki.alice, input, more });
        assert.match(seen.output, alert);
        assert.deepEqual([seen.statuses, upstream.bytes()], [[], ''], host);
      }
    });
  }

  it('is one of today where both sides know better, whatever else was offered', async () => {
    const { house, authority } = street;
    const input = `GET / HTTP/1.1\r\nHost: ${authority('public')}\r\nConnection: close\r\n\r\n`;
    const more = ['-cipher', anything, '-min_protocol', 'TLSv1', '-legacy_renegotiation'];
    const { status, output } = await openssl.run({ port: house.port, sni: 'public.postern.test', input, more });
    assert.equal(status, 200);
    assert.match(output, /^New, TLSv1\.3, Cipher is TLS_AES_256_GCM_SHA384$/m);
  });
});
