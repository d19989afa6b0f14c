import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { closed } from './closed.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';

const pki = await makePki();
const message = 'A TLS handshake was not completed';

/** What an operator needs when somebody asks why the page does not open. */
interface Vector {
  readonly what: string;
  readonly attempt: (street: CertificateHouse) => Promise<unknown>;
  readonly result: string;
  readonly reason: RegExp;
  readonly sni: string | null;
  readonly leaf?: Issued;
}

function asking(client: Issued | undefined): Vector['attempt'] {
  return ({ house, url }) => ask(house, url('a'), { client });
}

function sending(bytes: string | Buffer): Vector['attempt'] {
  return async ({ house }) => {
    const socket = connect({ host: '127.0.0.1', port: house.port });
    socket.on('error', () => socket.destroy());
    socket.resume().write(bytes);
    await closed(socket);
  };
}

function shaking(options: ConnectionOptions): Vector['attempt'] {
  return async ({ house }) => {
    const socket = connectTls({ host: '127.0.0.1', port: house.port, servername: 'a.postern.test', ...options });
    socket.on('error', () => socket.destroy());
    await closed(socket);
  };
}

const a = 'a.postern.test';

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { what: 'without a certificate',          attempt: asking(undefined),      result: 'refused',   reason: /certificate/i,      sni: a },
  { what: 'with an expired certificate',    attempt: asking(pki.expired),    result: 'refused',   reason: /expired/i,          sni: a, leaf: pki.expired },
  { what: 'with another CA’s certificate',  attempt: asking(pki.ofB),        result: 'refused',   reason: /UNABLE_TO|unknown/, sni: a, leaf: pki.ofB },
  { what: 'with a namesake’s certificate',  attempt: asking(pki.ofSameName), result: 'refused',   reason: /./,                 sni: a, leaf: pki.ofSameName },
  { what: 'in TLS 1.1',                     attempt: shaking({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
                                                                             result: 'failed',    reason: /PROTOCOL/,          sni: a },
  { what: 'with a cipher of old',           attempt: shaking({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }),
                                                                             result: 'failed',    reason: /NO_SHARED_CIPHER/,  sni: a },
  { what: 'by a client that distrusts us',  attempt: shaking({ ca: pki.caA.certificatePem, servername: 'public.postern.test' }),
                                                                             result: 'failed',    reason: /./,                 sni: 'public.postern.test' },
  { what: 'in plain HTTP',                  attempt: sending('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
                                                                             result: 'malformed', reason: /HTTP in the clear/, sni: null },
  { what: 'in some other language',         attempt: sending('\x00\x01\x02'), result: 'malformed', reason: /no TLS/,           sni: null },
];

describe('a handshake that comes to nothing', () => {
  let street: CertificateHouse;
  let metricsPort = 0;

  before(async () => {
    metricsPort = await freePort();
    const config = `metrics_address: 127.0.0.1:${metricsPort}\ndownstream_mtls: {enforcement: reject_connection}\n${twoAuthorities}`;
    street = await openCertificateHouse({ pki, config });
  });

  after(() => street[Symbol.asyncDispose]());

  for (const { what, attempt, result, reason, sni, leaf } of vectors) {
    it(`(${what}) leaves one line: who, for which host, with which certificate, and why`, async () => {
      const { house, upstream } = street;
      const from = house.log.length;
      await attempt(street).catch(() => undefined);
      const line = await house.logLine((entry) => entry['msg'] === message && house.log.indexOf(entry) >= from);
      assert.match(String(line['reason']), reason);
      assert.deepEqual(
        [line['level'], line['result'], line['remote_address'], line['sni'], line['subject'], line['client_certificate_sha256']],
        [
          'warn',
          result,
          '127.0.0.1',
          sni,
          leaf?.certificate.subject ?? null,
          leaf?.certificate.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
        ],
      );
      assert.deepEqual([house.log.slice(from), upstream.bytes()], [[line], '']);
    });
  }

  it('is counted by its result', async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const counts = new Map<string, number>();
    for (const [, result = '', count] of text.matchAll(/^postern_handshakes_total\{[^}]*result="(\w+)"[^}]*\} (\d+)/gm))
      counts.set(result, (counts.get(result) ?? 0) + Number(count));
    assert.deepEqual(Object.fromEntries(counts), { refused: 4, failed: 3, malformed: 2 });
  });
});
