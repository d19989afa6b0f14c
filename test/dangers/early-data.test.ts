import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { readChildren, readDer } from '../../src/certificate/read-der.ts';
import { writeExplicit, writeInteger, writeSequence } from '../../src/certificate/write-der.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

/**
 * What is sent before the handshake is done can be sent again by whoever recorded it, and no certificate was shown for it yet
 * (RFC 8446 section 8; Traefik CVE-2024-39321): a client that sends such data all the same is heard only afterwards.
 */
describe('a request in early data', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    [street, openssl] = await Promise.all([openCertificateHouse(), openOpenssl()]);
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  for (const [host, status] of [
    ['public', 200],
    ['a', 495],
  ] as const) {
    it(`is not read, and the connection goes on as if it had not been sent: ${host}`, async () => {
      const { house, upstream, authority } = street;
      const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: close\r\n\r\n`;
      const [session, early] = [openssl.file(`session-${host}`), openssl.file(`early-${host}`)];
      const common = { port: house.port, sni: `${host}.postern.test` };
      await openssl.run({ ...common, client: house.pki.alice, input: get('/first'), more: ['-tls1_3', '-sess_out', session] });
      await writeFile(session, allowingEarlyData(await readFile(session, 'latin1')));
      await writeFile(early, get('/early'));
      upstream.clear();
      const seen = await openssl.run({
        ...common,
        input: get('/late'),
        more: ['-tls1_3', '-sess_in', session, '-early_data', early],
      });
      assert.match(seen.output, /Early data was rejected/, 'it was sent');
      assert.deepEqual([seen.statuses, upstream.bytes().includes('/late')], [[status], status === 200]);
      assert.doesNotMatch(upstream.bytes(), /early/);
    });
  }
});

/** OpenSSL sends early data only with a session that says it may: this one is made to say so. */
function allowingEarlyData(text: string): string {
  const base64 = /-----BEGIN SSL SESSION PARAMETERS-----([^-]+)-----END/.exec(text)?.[1] ?? assert.fail('no session');
  const fields = readChildren(readDer(Buffer.from(base64, 'base64')));
  const ahead = fields.filter(({ tag }) => tag < 0xaf);
  const behind = fields.filter(({ tag }) => tag > 0xaf);
  const der = writeSequence(...ahead.map(({ raw }) => raw), writeExplicit(15, writeInteger(16_384)), ...behind.map(({ raw }) => raw));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN SSL SESSION PARAMETERS-----', ...lines, '-----END SSL SESSION PARAMETERS-----', ''].join('\n');
}
