import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';
import { largeRsaKeyPem } from './large-rsa-key.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

const pki = await makePki();
const day = 86_400_000;
const keyPem = largeRsaKeyPem();
// One of an authority that is accepted: nothing but the key speaks against it.
const huge = await issueClientCertificate(pki.caA, {
  commonName: 'mallory',
  from: new Date(Date.now() - day),
  to: new Date(Date.now() + day),
  keyPem,
});

/** In the handshake a client proves its key with a signature, and the server has to check it, however large the key (Go CVE-2023-29409). */
describe('a client certificate with an RSA key of 16,384 bits', () => {
  let openssl: OpensslClient;

  before(async () => {
    openssl = await openOpenssl();
  });

  after(() => openssl[Symbol.asyncDispose]());

  // A signature by this key takes its holder a second: no more of them than needed.
  for (const [enforcement, versions, expected] of [
    ['policy_with_default_deny', ['-tls1_2', '-tls1_3'], 495],
    ['reject_connection', ['-tls1_3'], undefined],
  ] as const)
    it(`is refused, and others are served meanwhile (${enforcement})`, async () => {
      await using street = await openCertificateHouse({ pki, config: `downstream_mtls: {enforcement: ${enforcement}}\n${twoAuthorities}` });
      const { house, upstream } = street;
      const input = `GET /huge HTTP/1.1\r\nHost: ${street.authority('a')}\r\nConnection: close\r\n\r\n`;
      const run = async (version: string) =>
        (await openssl.run({ port: house.port, sni: 'a.postern.test', client: huge, input, more: [version] })).status;
      const progress = { isOver: false };
      const runs = Promise.all(versions.map(run)).finally(() => (progress.isOver = true));
      const waits: number[] = [];
      while (!progress.isOver) {
        const began = performance.now();
        assert.equal((await ask(house, street.url('a'), { client: pki.alice })).status, 200);
        waits.push(performance.now() - began);
      }
      assert.deepEqual(new Set(await runs), new Set([expected]));
      assert.ok(!upstream.bytes().includes('/huge'));
      assert.ok(Math.max(...waits) < 1500, `the longest of ${waits.length} waits: ${Math.max(...waits)} ms`);
      if (expected === 495) assert.equal((await house.logLine(({ path }) => path === '/huge'))['certificate_detail'], 'wrong-purpose');
    });
});
