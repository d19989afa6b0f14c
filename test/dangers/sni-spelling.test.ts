import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';
import { askShaped } from './shaped-hello.ts';

const own = 'tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true';
const routes = `${twoAuthorities}
  - {from: 'https://*.w.postern.test', to: '{{to}}', ${own}}
  - {from: https://open.w.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true}
  - {from: https://xn--bcher-kva.postern.test, to: '{{to}}', ${own}}
`;

/** A name in the handshake and one in the request: what comes of it with the certificate that the host wants, and with none. */
interface Vector {
  readonly sni: string;
  readonly host: string;
  readonly asked: boolean;
  readonly withCertificate: number;
  readonly without: number;
}

const same = (sni: string, host: string): Vector => ({ sni, host, asked: true, withCertificate: 200, without: 495 });
const other = (sni: string, host: string, status: number): Vector => ({
  sni,
  host,
  asked: false,
  withCertificate: status,
  without: status,
});

const long = `${'a'.repeat(63)}.`.repeat(4);

// oxfmt-ignore
const vectors: readonly Vector[] = [
  // One name in several spellings, on either side.
  same('a.postern.test',              'a.postern.test'),
  same('A.POSTERN.TEST',              'a.postern.test'),
  same('a.PosTern.test.',             'a.postern.test'),
  same('a.postern.test',              'A.POSTERN.TEST'),
  same('a.postern.test',              'a.postern.test.'),
  same('a.postern.test',              'a.postern.test:443'),
  same('a.postern.test.',             'A.postern.test.:8443'),
  same('XN--BCHER-KVA.postern.test',  'xn--bcher-kva.postern.test'),
  // Not the name, though some reader might make it into it: the handshake asks for nothing, and the host stays closed.
  other('a.postern.test:443',         'a.postern.test', 421),
  other('%61.postern.test',           'a.postern.test', 421),
  other('a.postern.test..',           'a.postern.test', 421),
  other('.a.postern.test',            'a.postern.test', 421),
  other(' a.postern.test',            'a.postern.test', 421),
  other('a.postern.test ',            'a.postern.test', 421),
  other('a..postern.test',            'a.postern.test', 421),
  other('a_.postern.test',            'a.postern.test', 421),
  other('ａ.postern.test',            'a.postern.test', 421),
  other('bücher.postern.test',        'xn--bcher-kva.postern.test', 421),
  other('a.postern.test,b',           'a.postern.test', 421),
  other('public.postern.test/a',      'a.postern.test', 421),
  other(long.slice(0, 254),           'a.postern.test', 421),
  other('public.postern.test',        'A.Postern.Test.', 421),
  // And as a `Host`: no name, so nothing is looked up for it, whatever the handshake was.
  { ...same('a.postern.test', '%61.postern.test'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'a.postern.test..'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'a.postern.test:'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'a.postern.test:443:443'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'a@a.postern.test'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'a.postern.test, b.postern.test'), withCertificate: 400, without: 400 },
  { ...same('a.postern.test', 'ａ.postern.test'), withCertificate: 400, without: 400 },
  // A wildcard asks for every name that it stands for, dots included, and leaves alone what has a route of its own.
  same('x.w.postern.test',            'x.w.postern.test'),
  same('X.W.POSTERN.TEST.',           'x.w.postern.test'),
  same('a.b.w.postern.test',          'a.b.w.postern.test'),
  same('x.w.postern.test',            'y.w.postern.test'),
  other('public.postern.test',        'x.w.postern.test', 421),
  other('w.postern.test',             'x.w.postern.test', 421),
  other('w.postern.test',             'w.postern.test', 404),
  other('xw.postern.test',            'xw.postern.test', 404),
  other('open.w.postern.test',        'open.w.postern.test', 200),
  other('open.w.postern.test',        'x.w.postern.test', 421),
  { ...same('x.w.postern.test', 'open.w.postern.test'), without: 200 },
  { ...same('x.w.postern.test', 'w.postern.test'), withCertificate: 404, without: 404 },
];

/**
 * A dot at the end, another case or a name under a wildcard made a handshake pick other rules than the request (Traefik CVE-2022-23632,
 * CVE-2026-48491, CVE-2026-53622; Caddy CVE-2026-27588): both sides are read in one canonical form.
 */
describe('a host name in several spellings', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    openssl = await openOpenssl();
    street = await openCertificateHouse({ config: routes });
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  for (const { sni, host, asked, withCertificate, without } of vectors) {
    const shown = sni.length > 60 ? `${sni.slice(0, 20)}… (${sni.length})` : sni;
    it(`asks ${asked ? 'for a certificate' : 'nothing'} of SNI "${shown}", and answers Host "${host}" accordingly`, async () => {
      const { house, upstream } = street;
      upstream.clear();
      const ask = async (client: Issued | undefined, version: string) => {
        const path = `/${client === undefined ? 'anybody' : 'somebody'}${version}/`;
        const input = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        const seen = await openssl.run({ port: house.port, sni, client, input, more: [version] });
        return { asked: seen.asked, statuses: seen.statuses, forwarded: upstream.bytes().includes(path) };
      };
      const both = (client: Issued | undefined) => [ask(client, '-tls1_2'), ask(client, '-tls1_3')];
      const answers = await Promise.all([...both(house.pki.alice), ...both(undefined)]);
      assert.deepEqual(
        answers,
        [withCertificate, withCertificate, without, without].map((status) => ({ asked, statuses: [status], forwarded: status === 200 })),
      );
    });
  }

  it('is refused in the handshake when it holds a NUL, where some readers end', async () => {
    const { house, upstream, authority } = street;
    upstream.clear();
    for (const host of ['a', 'public']) {
      const answer = await askShaped(house, `GET / HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: close\r\n\r\n`, {
        client: house.pki.alice,
        version: 'TLSv1.3',
        sni: 'a.postern.test.x',
        shape: (hello) => [Buffer.from(hello.toString('latin1').replace('a.postern.test.x', 'a.postern.test\0x'), 'latin1')],
      });
      assert.deepEqual([answer, upstream.bytes()], ['', ''], host);
    }
  });
});
