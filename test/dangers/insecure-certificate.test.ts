import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exchangePlain } from '../listener/raw-client.ts';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

/** Without TLS nobody was asked for a certificate and nobody showed one, whatever the headers of a request say: such routes stay shut. */
describe('a route that asks for a certificate, without TLS', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `
insecure_server: true
headers_with_underscores_action: allow
routes:
  - {from: https://certificate.postern.test, to: ${upstream.url}, tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('is not served, over HTTP/1.1 and HTTP/2, with and without headers that claim a certificate', async () => {
    const pem = encodeURIComponent(house.pki.alice.certificatePem);
    const claims = [
      '',
      `X-Forwarded-Client-Cert: Cert="${pem}"\r\n`,
      `ssl-client-cert: ${pem}\r\nssl-client-verify: SUCCESS\r\n`,
      `SSL_CLIENT_VERIFY: SUCCESS\r\n`,
    ];
    for (const claim of claims) {
      const answer = await exchangePlain(
        house.port,
        `GET / HTTP/1.1\r\nHost: certificate.postern.test\r\n${claim}Connection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 421 /);
    }
    assert.equal(upstream.bytes(), '');
  });

  it('is told from those that ask for none', async () => {
    assert.match(
      await exchangePlain(house.port, 'GET / HTTP/1.1\r\nHost: public.postern.test\r\nConnection: close\r\n\r\n'),
      /^HTTP\/1\.1 200 /,
    );
  });
});
