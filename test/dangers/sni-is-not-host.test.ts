import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SecureVersion } from 'node:tls';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';
import { askRaw, connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

type ClientName = 'alice' | 'ofB' | undefined;

/** A connection opened for one host, with or without a certificate, and a request for another on it (domain fronting, HTTP/2 coalescing). */
interface Vector {
  readonly sni: string;
  readonly client: ClientName;
  readonly host: string;
  readonly status: number;
}

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { sni: 'public', client: undefined, host: 'a',      status: 421 },
  { sni: 'public', client: 'alice',   host: 'a',      status: 421 },
  { sni: 'b',      client: 'ofB',     host: 'a',      status: 421 },
  // It would satisfy the route, and was asked for under the authorities of another host.
  { sni: 'b',      client: 'alice',   host: 'a',      status: 421 },
  { sni: 'b',      client: undefined, host: 'a',      status: 421 },
  { sni: 'a',      client: 'alice',   host: 'b',      status: 421 },
  { sni: 'a',      client: 'alice',   host: 'socket', status: 421 },
  // Of the same authority: one group, and the certificate counts on both.
  { sni: 'a',      client: 'alice',   host: 'also-a', status: 200 },
  { sni: 'a',      client: undefined, host: 'also-a', status: 495 },
  // A host that asks for nothing is served on every connection, or a browser could not leave the one it has.
  { sni: 'a',      client: 'alice',   host: 'public', status: 200 },
  { sni: 'a',      client: undefined, host: 'public', status: 200 },
  { sni: 'b',      client: 'alice',   host: 'public', status: 200 },
  // Where name and host are one there is nothing to open anew: 421 would be asked for again and again.
  { sni: 'a',      client: undefined, host: 'a',      status: 495 },
  { sni: 'a',      client: 'ofB',     host: 'a',      status: 495 },
  { sni: 'a',      client: 'alice',   host: 'a',      status: 200 },
];

/** Of the host `a`, on a connection for `public`: what needs no session is answered, what needs one is not. */
// oxfmt-ignore
const endpoints: readonly (readonly [path: string, status: number])[] = [
  ['/ping', 200], ['/healthz', 200], ['/.well-known/pomerium', 200], ['/.well-known/pomerium/jwks.json', 200], ['/.pomerium/signed_out', 200],
  ['/.pomerium/user', 421], ['/.pomerium/jwt', 404],
];

const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const more = `
  - {name: also-a, from: https://also-a.postern.test, ${open}, tls_downstream_client_ca_file: ca-a.pem}
  - {name: socket, from: https://socket.postern.test, ${open}, tls_downstream_client_ca_file: ca-b.pem, allow_websockets: true}
`;

/**
 * Host and name of the handshake, told apart by an attacker (RFC 9110 section 7.4; Traefik CVE-2022-46153 and CVE-2026-48491 picked rules
 * by one of them). The same in either version of TLS.
 */
describe('a request for a host that the connection was not opened for', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({ config: twoAuthorities + more });
  });

  after(() => street[Symbol.asyncDispose]());

  const raw = ({ sni, client }: Pick<Vector, 'sni' | 'client'>, version: SecureVersion = 'TLSv1.3') => ({
    sni: `${sni}.postern.test`,
    client: client === undefined ? undefined : street.house.pki[client],
    version,
  });
  const get = (host: string, path = '/'): string => requestText([`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`]);
  const stream = (host: string, path = '/', fields: readonly (readonly [string, string])[] = []) =>
    [[':method', 'GET'], [':scheme', 'https'], [':path', path], [':authority', street.authority(host)], ...fields] as const;

  for (const vector of vectors) {
    const { sni, client = 'no certificate', host, status } = vector;
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`is answered ${status} for ${host} over ${sni} with ${client} (HTTP/1.1, ${version})`, async () => {
        street.upstream.clear();
        using connection = await connectRaw(street.house, raw(vector, version));
        connection.write(get(host));
        const answer = await connection.answer();
        const closes = /^connection: close$/im.test(answer?.head ?? '');
        const forwarded = street.upstream.bytes().length > 0;
        assert.deepEqual({ status: answer?.status, closes, forwarded }, { status, closes: status === 421, forwarded: status === 200 });
        if (status === 421) assert.equal(await connection.rest(), '', 'and closed it is');
      });

      it(`is answered ${status} for ${host} over ${sni} with ${client} (HTTP/2, ${version})`, async () => {
        street.upstream.clear();
        const session = await connectTwo(street.house, raw(vector, version));
        // A list of further hosts of this connection (RFC 8336) would invite a client to what is refused here.
        const invited: unknown[] = [];
        session.on('origin', (origins) => void invited.push(origins)).on('altsvc', (alternative) => void invited.push(alternative));
        const answer = await askTwo(session, stream(host));
        const forwarded = street.upstream.bytes().length > 0;
        assert.deepEqual({ status: answer.status, forwarded, invited }, { status, forwarded: status === 200, invited: [] });
        session.destroy();
      });
    }
  }

  it('costs one stream and not the connection, which goes on serving what it was opened for (HTTP/2)', async () => {
    street.upstream.clear();
    const session = await connectTwo(street.house, raw({ sni: 'public', client: undefined }));
    const hosts = ['public', 'a', 'public', 'b', 'public'];
    const answers = await Promise.all(hosts.map((host) => askTwo(session, stream(host, `/for-${host}`))));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 421, 200, 421, 200],
    );
    assert.doesNotMatch(street.upstream.bytes(), /for-[ab]/);
    session.destroy();
  });

  it('is served on a new connection for that host, as a client does that follows the 421', async () => {
    street.upstream.clear();
    const refused = await askRaw(street.house, get('a'), raw({ sni: 'public', client: 'alice' }));
    assert.deepEqual([refused?.status, street.upstream.bytes()], [421, '']);
    const again = await askRaw(street.house, get('a'), raw({ sni: 'a', client: 'alice' }));
    assert.equal(again?.status, 200);
  });

  it('cannot slip in behind one that fits: each request of a connection is looked at', async () => {
    street.upstream.clear();
    using connection = await connectRaw(street.house, raw({ sni: 'public', client: undefined }));
    connection.write(get('public', '/first') + get('a', '/second') + get('public', '/third'));
    assert.equal((await connection.answer())?.status, 200);
    assert.equal((await connection.answer())?.status, 421);
    assert.equal(await connection.rest(), '', 'nothing is read after an answer that closes');
    assert.doesNotMatch(street.upstream.bytes(), /second|third/);
  });

  it('is refused when it names two hosts (HTTP/2)', async () => {
    street.upstream.clear();
    const session = await connectTwo(street.house, raw({ sni: 'a', client: 'alice' }));
    const { status } = await askTwo(session, stream('a', '/', [['host', street.authority('b')]]));
    assert.deepEqual([status, street.upstream.bytes()], [400, '']);
    session.destroy();
  });

  it('opens no WebSocket either', async () => {
    street.upstream.clear();
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const request = requestText(['GET / HTTP/1.1', `Host: ${street.authority('socket')}`, ...lines]);
    for (const opened of [
      { sni: 'public', client: undefined },
      { sni: 'a', client: 'alice' },
    ] as const) {
      const answer = await askRaw(street.house, request, raw(opened));
      assert.deepEqual([answer?.status, street.upstream.bytes()], [421, ''], opened.sni);
    }
  });

  it('is answered by own endpoints that need no session, and by no others', async () => {
    street.upstream.clear();
    const session = await connectTwo(street.house, raw({ sni: 'public', client: undefined }));
    for (const [path, status] of endpoints) {
      const one = await askRaw(street.house, get('a', path), raw({ sni: 'public', client: undefined }));
      const two = await askTwo(session, stream('a', path));
      assert.deepEqual([one?.status, two.status, street.upstream.bytes()], [status, status, ''], path);
    }
    session.destroy();
  });

  it('is told in words what to do', async () => {
    const request = requestText(['GET / HTTP/1.1', `Host: ${street.authority('a')}`, 'Accept: text/html']);
    const answer = await askRaw(street.house, request, raw({ sni: 'public', client: undefined }));
    assert.match(answer?.body ?? '', /close|reload|again/i);
  });
});
