import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { Shape } from './shaped-hello.ts';
import { askShaped, cutAt, inRecords, inSegments, writeRecords } from './shaped-hello.ts';

/** A reader that looks at the first segment, or the first record, only takes the connection for one without a name (CVE-2026-32305). */
interface Vector {
  readonly what: string;
  readonly shape: Shape;
  readonly padding?: number;
}

const inName: Shape = cutAt((hello) => hello.indexOf('postern.test') + 3);

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { what: 'in one piece',                              shape: (hello) => [hello] },
  { what: 'in records of 512 bytes',                   shape: inRecords(512) },
  { what: 'in records of 4 bytes',                     shape: inRecords(4) },
  { what: 'in records of 1 byte',                      shape: inRecords(1) },
  { what: 'in segments of 1 byte',                     shape: inSegments(1) },
  { what: 'in records of 4 bytes, segments of 7',      shape: (hello) => inRecords(4)(hello).flatMap(inSegments(7)) },
  { what: 'cut after the header of its record',        shape: cutAt(() => 5) },
  { what: 'cut within the header of its record',       shape: cutAt(() => 3) },
  { what: 'cut within the name',                       shape: inName },
  { what: 'cut before the last byte',                  shape: cutAt((hello) => hello.length - 1) },
  { what: 'of 2 KB, in segments of 1,400 bytes',       shape: inSegments(1_400), padding: 2_000 },
  { what: 'of 20 KB, in two records',                  shape: (hello) => [hello], padding: 20_000 },
  { what: 'of 20 KB, in records of 100 bytes',         shape: inRecords(100), padding: 20_000 },
  { what: 'of 50 KB, in segments of 1,400 bytes',      shape: inSegments(1_400), padding: 50_000 },
];

describe('a ClientHello in pieces', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse();
  });

  after(() => street[Symbol.asyncDispose]());

  const get = (host: string): string => `GET / HTTP/1.1\r\nHost: ${street.authority(host)}\r\nConnection: close\r\n\r\n`;

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const vector of vectors) {
      it(`${vector.what}, is treated like any other (${version})`, async () => {
        const { house, upstream } = street;
        const ask = async (sni: string, host: string, withCertificate: boolean) => {
          upstream.clear();
          const client = withCertificate ? house.pki.alice : undefined;
          const answer = await askShaped(house, get(host), { ...vector, version, client, sni: `${sni}.postern.test` });
          return { status: /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1], forwarded: upstream.bytes().length > 0 };
        };
        assert.deepEqual(await ask('a', 'a', false), { status: '495', forwarded: false });
        assert.deepEqual(await ask('public', 'a', true), { status: '421', forwarded: false });
        assert.deepEqual(await ask('a', 'a', true), { status: '200', forwarded: true });
      });
    }
  }

  it('is cut off beyond 64 KiB, whatever it says its length is', async () => {
    const { house, upstream } = street;
    upstream.clear();
    for (const announced of [70_000, 0xff_ff_ff]) {
      const shape: Shape = (hello) => {
        const message = Buffer.concat([hello.subarray(5), Buffer.alloc(70_000)]);
        message.writeUIntBE(announced, 1, 3);
        return inSegments(1_400)(writeRecords(message, 1_024));
      };
      const answer = await askShaped(house, get('public'), { version: 'TLSv1.3', sni: 'public.postern.test', shape });
      assert.deepEqual([answer, upstream.bytes()], ['', '']);
    }
    const reasons = house.log.filter(({ result }) => result === 'malformed').map(({ reason }) => reason);
    assert.deepEqual(
      reasons,
      Array.from({ length: 2 }, () => 'the ClientHello is larger than 65536 bytes'),
    );
  });
});
