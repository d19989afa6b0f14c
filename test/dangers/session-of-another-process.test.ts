import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

/**
 * Keys of TLS tickets that outlive a process let a session begin again under rules that it was never judged by. They are made anew at
 * every start and written nowhere: after a restart, and at the next server of a row, everybody shakes hands from the beginning.
 */
describe('a TLS session of another process', () => {
  let first: CertificateHouse;
  let second: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    const pki = await makePki();
    [first, second, openssl] = await Promise.all([openCertificateHouse({ pki }), openCertificateHouse({ pki }), openOpenssl()]);
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    for (const [host, status] of [
      ['public', 200],
      ['a', 495],
    ] as const) {
      it(`is not taken: ${host} (${version})`, async () => {
        const session = openssl.file(`session-${host}${version}`);
        const ask = ({ house, authority }: CertificateHouse, client: typeof house.pki.alice | undefined, ...more: string[]) =>
          openssl.run({
            port: house.port,
            sni: `${host}.postern.test`,
            client,
            input: `GET / HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: close\r\n\r\n`,
            more: [version, ...more],
          });
        assert.equal((await ask(first, first.house.pki.alice, '-sess_out', session)).status, 200);
        const own = await ask(first, undefined, '-sess_in', session);
        assert.equal(own.resumed, host === 'public', 'it is a session, where it was made');
        second.upstream.clear();
        const other = await ask(second, undefined, '-sess_in', session);
        assert.deepEqual([other.resumed, other.status, second.upstream.bytes() !== ''], [false, status, status === 200]);
      });
    }
  }
});
