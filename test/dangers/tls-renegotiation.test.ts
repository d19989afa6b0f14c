import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, createSecureContext } from 'node:tls';
import { closed } from './closed.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';

const optional = `  - {from: https://optional.postern.test, to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, client_certificate_mode: optional, allow_public_unauthenticated_access: true}\n`;

/**
 * In TLS 1.2 a client may ask for a new handshake on a live connection and come out of it with another certificate, while the server goes
 * on with what it learned from the first one.
 */
describe('a client that asks for a new handshake', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({ config: twoAuthorities + optional });
    const { house } = street;
    await writeFile(join(house.directory, 'alice.pem'), house.pki.alice.certificatePem + house.pki.alice.keyPem);
  });

  after(() => street[Symbol.asyncDispose]());

  const get = (host: string, path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${street.authority(host)}\r\n\r\n`;
  const targets = (): readonly (string | undefined)[] =>
    [...street.upstream.bytes().matchAll(/^GET (\S+) HTTP/gm)].map((found) => found[1]);

  for (const host of ['a', 'optional', 'public']) {
    it(`gets none from ${host}, and nothing else any more (openssl)`, { timeout: 5_000 }, async () => {
      street.upstream.clear();
      const { port, directory } = street.house;
      const client = ['-cert', join(directory, 'alice.pem'), '-key', join(directory, 'alice.pem')];
      const child = spawn('openssl', [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-servername',
        `${host}.postern.test`,
        '-tls1_2',
        ...client,
      ]);
      const gone = once(child, 'close');
      let output = '';
      // Each step follows from what was said: a line `R` is a command only when it comes by itself.
      const steps: [RegExp, string][] = [
        [/Verify return code/, get(host, '/first')],
        [/\r\n\r\nok/, 'R\n'],
        [/RENEGOTIATING/, get(host, '/second')],
      ];
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString('latin1');
          while (steps[0]?.[0].test(output) === true) child.stdin.write(steps.shift()?.[1] ?? '');
        });
      child.stdin.on('error', () => child.stdin.destroy());
      await gone;
      assert.deepEqual([steps, targets()], [[], ['/first']]);
      assert.match(output, /no renegotiation/);
    });

    it(`cannot become somebody else on ${host}`, { timeout: 5_000 }, async () => {
      street.upstream.clear();
      const { house } = street;
      const socket = connect({
        host: '127.0.0.1',
        port: house.port,
        servername: `${host}.postern.test`,
        maxVersion: 'TLSv1.2',
        rejectUnauthorized: false,
        cert: house.pki.alice.certificatePem,
        key: house.pki.alice.keyPem,
      });
      let answers = '';
      socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1')));
      await once(socket, 'secureConnect');
      socket.write(get(host, '/first'));
      await once(socket, 'data');
      const { promise: refused, resolve } = Promise.withResolvers<Error>();
      socket.once('error', resolve);
      socket.setKeyCert(createSecureContext({ cert: house.pki.ofB.certificatePem, key: house.pki.ofB.keyPem }));
      socket.renegotiate({ rejectUnauthorized: false }, (error) => error instanceof Error && resolve(error));
      socket.write(get(host, '/second'));
      assert.match(String(await refused), /no renegotiation/i);
      await closed(socket);
      assert.deepEqual([answers.match(/HTTP\/1\.1 \d+/g), targets()], [['HTTP/1.1 200'], ['/first']]);
    });
  }
});
