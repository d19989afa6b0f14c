import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ask } from '../walk/house.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { closed } from './closed.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';
import { captureHello } from './shaped-hello.ts';

/**
 * An exception in what chooses a certificate or a protocol ended processes, and left sockets open (Node CVE-2026-21637): whatever a
 * handshake says costs its own connection at most, and opens no host.
 */
describe('a handshake that is made to confuse whoever looks it up', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    [street, openssl] = await Promise.all([openCertificateHouse(), openOpenssl()]);
  });

  beforeEach(() => street.upstream.clear());

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__proto__.postern.test',
    '*',
    '*.postern.test',
    '127.0.0.1',
    '::1',
    '-',
    '.',
    '$',
    '(a+)+',
    '%00',
    '../a',
  ];

  /** Neither the host that asks, nor one named like that. */
  async function assertNothingOpens(sni: string, version: string): Promise<void> {
    const { house, upstream } = street;
    const askNamed = async (host: string, path: string) => {
      const input = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const { asked, statuses } = await openssl.run({ port: house.port, sni, client: house.pki.alice, input, more: [version] });
      return { asked, statuses, forwarded: upstream.bytes().includes(path) };
    };
    const path = `/${names.indexOf(sni)}`;
    assert.deepEqual(await askNamed('a.postern.test', `${path}a/`), { asked: false, statuses: [421], forwarded: false }, sni);
    const { statuses, ...itself } = await askNamed(sni, `${path}b/`);
    assert.deepEqual(itself, { asked: false, forwarded: false }, sni);
    assert.ok(statuses.length === 1 && (statuses[0] === 400 || statuses[0] === 404), `${sni}: ${statuses.join()}`);
  }

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`by its name: asks for nothing, and opens nothing (${version})`, async () => {
      await Promise.all(names.map((sni) => assertNothingOpens(sni, version)));
    });

    it(`by what else it offers: is refused or ignored, and the next one is served (${version})`, async () => {
      const input = `GET / HTTP/1.1\r\nHost: a.postern.test\r\nConnection: close\r\n\r\n`;
      const many = Array.from({ length: 200 }, (_, at) => `p${at}`).join(',');
      for (const [more, statuses] of [
        [['-alpn', 'nobody-speaks-this'], []],
        [['-alpn', many], []],
        [['-alpn', `${many},http/1.1`], [495]],
        [['-psk', '1a2b3c4d', '-psk_identity', 'alice', '-cipher', 'ALL@SECLEVEL=0'], [495]],
        [['-status', '-serverinfo', '1,2,65281'], [495]],
      ] as const) {
        const seen = await openssl.run({ port: street.house.port, sni: 'a.postern.test', input, more: [version, ...more] });
        assert.deepEqual([seen.statuses, street.upstream.bytes()], [[...statuses], ''], more[1].slice(0, 20));
        assert.equal((await ask(street.house, street.url('a'), { client: street.house.pki.alice })).status, 200);
        street.upstream.clear();
      }
    });
  }

  it('by any one of its bytes: the process lives, and nothing is let in', async () => {
    const hello = await captureHello('a.postern.test', 'TLSv1.3');
    for (let at = 0; at < hello.length; at += 7) {
      const altered = Buffer.from(hello);
      altered.writeUInt8(altered.readUInt8(at) ^ 0xff, at);
      const socket = connect({ host: '127.0.0.1', port: street.house.port });
      await once(socket, 'connect');
      socket.end(altered);
      socket.resume();
      await closed(socket);
    }
    assert.equal(street.upstream.bytes(), '');
    assert.equal((await ask(street.house, street.url('public'))).status, 200);
  });
});
