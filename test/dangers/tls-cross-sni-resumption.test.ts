import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

/**
 * A session obtained under one name, with the certificate of that name, is offered under another name without any (CVE-2025-23419 of nginx;
 * Node calls such a connection authorized). The names: undefined is no SNI, `nowhere` is no host of the configuration.
 */
interface Vector {
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** The `Host` of the second request. */
  readonly host: string;
  readonly status: number;
  readonly resumed: boolean;
}

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { first: 'a',       second: 'b',       host: 'b',      status: 495, resumed: false },
  { first: 'a',       second: 'b',       host: 'a',      status: 421, resumed: false },
  { first: 'b',       second: 'a',       host: 'a',      status: 495, resumed: false },
  { first: 'a',       second: undefined, host: 'a',      status: 421, resumed: false },
  { first: undefined, second: 'a',       host: 'a',      status: 495, resumed: false },
  { first: 'a',       second: 'nowhere', host: 'a',      status: 421, resumed: false },
  { first: 'nowhere', second: 'a',       host: 'a',      status: 495, resumed: false },
  { first: 'a',       second: 'public',  host: 'a',      status: 421, resumed: false },
  { first: 'public',  second: 'a',       host: 'a',      status: 495, resumed: false },
  { first: 'public',  second: 'public',  host: 'a',      status: 421, resumed: true },
  // The host's own session, without the certificate: earlier versions of Node called it authorized.
  { first: 'a',       second: 'a',       host: 'a',      status: 495, resumed: false },
  // The client does offer its session: where nothing depends on who it was, the session is taken.
  { first: 'public',  second: 'public',  host: 'public', status: 200, resumed: true },
];

describe('a TLS session of one host offered to another', () => {
  let street: CertificateHouse;
  let strict: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    street = await openCertificateHouse();
    strict = await openCertificateHouse({ config: `downstream_mtls: {enforcement: reject_connection}\n${twoAuthorities}` });
    openssl = await openOpenssl();
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await strict[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  /** The first request presents the certificate that its name wants, wherever it is asked for one; the second presents none. */
  async function resume({ house, upstream, authority }: CertificateHouse, { first, second, host }: Vector, version: string) {
    const get = (name: string): string => `GET / HTTP/1.1\r\nHost: ${authority(name)}\r\nConnection: close\r\n\r\n`;
    const session = openssl.file('session');
    await rm(session, { force: true });
    const opened = await openssl.run({
      port: house.port,
      sni: sni(first),
      client: first === 'b' ? house.pki.ofB : house.pki.alice,
      input: get(first === undefined || first === 'nowhere' ? 'public' : first),
      more: [version, '-sess_out', session],
    });
    assert.equal(opened.status, 200, 'the first connection is in order');
    assert.match(await readFile(session, 'latin1'), /BEGIN SSL SESSION PARAMETERS/, 'and there is a session to offer');
    upstream.clear();
    const { status, resumed } = await openssl.run({
      port: house.port,
      sni: sni(second),
      input: get(host),
      more: [version, '-sess_in', session],
    });
    return { status, resumed, upstreamBytes: upstream.bytes().length };
  }

  for (const version of ['-tls1_2', '-tls1_3']) {
    for (const vector of vectors) {
      const { first = 'no name', second = 'no name', host, status, resumed } = vector;
      it(`of ${first} to ${second}, for the host ${host}, is answered ${status} (${version})`, async () => {
        const seen = await resume(street, vector, version);
        const forwarded = status === 200;
        assert.deepEqual({ ...seen, upstreamBytes: seen.upstreamBytes > 0 }, { status, resumed, upstreamBytes: forwarded });
      });
    }

    it(`opens no host that rejects connections (${version})`, async () => {
      for (const first of ['a', 'b', 'public', undefined]) {
        const vector = { first, second: first === 'a' ? 'b' : 'a', host: first === 'a' ? 'b' : 'a', status: 0, resumed: false };
        assert.deepEqual(await resume(strict, vector, version), { status: undefined, resumed: false, upstreamBytes: 0 }, `from ${first}`);
      }
    });
  }
});

function sni(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${name}.postern.test`;
}
