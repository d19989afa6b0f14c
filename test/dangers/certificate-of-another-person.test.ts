import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { askRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const socket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
const hosts = ['both', 'either', 'bound', 'by-key', 'by-person', 'lenient'] as const;
type Host = (typeof hosts)[number];

/**
 * A stolen cookie in front of the thief's own certificate, which is as valid as its owner's. Nothing may come of it, and its owner must
 * not lose the session over it.
 */
describe('the session of one person and the certificate of another', () => {
  let street: Street;
  let upstream: Recorder;
  let bob: Issued;
  const cookies = new Map<string, string>();

  before(async () => {
    upstream = await openRecorder();
    const open = `to: ${upstream.url}, allow_any_authenticated_user: true, allow_websockets: true, tls_downstream_client_ca_file: ca-a.pem`;
    street = await openStreet(`
certificate_identities: [{name: staff, from: san_email, to: email, domains: [example.com]}]
routes:
  - {name: both, from: https://both.postern.test, ${open}, authentication: both}
  - {name: either, from: https://either.postern.test, ${open}, authentication: either}
  - {name: bound, from: https://bound.postern.test, ${open}, bind_session_to_certificate: true}
  - {name: by-key, from: https://by-key.postern.test, ${open}, bind_session_to_certificate: spki}
  - {name: by-person, from: https://by-person.postern.test, ${open}, bind_session_to_certificate: identity}
  - {name: lenient, from: https://lenient.postern.test, ${open}, bind_session_to_certificate: true, client_certificate_mode: optional}
`);
    street.provider.claims.set('bob', { email_verified: true });
    const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
    bob = await issueClientCertificate(street.house.pki.caA, { commonName: 'bob', emails: ['bob@example.com'], from, to });
    for (const [name, client] of [
      ['alice', street.house.pki.alice],
      ['bob', bob],
    ] as const) {
      street.provider.account = name;
      const visitor = new Visitor(street.house, street.provider);
      for (const host of hosts) {
        // Where the certificate alone is enough, nobody who shows it signs in.
        const { answer } = await visitor.arrive(street.url(host), host === 'either' ? {} : { client });
        assert.equal(answer.status, 200, `${name} at ${host}`);
        cookies.set(`${name} ${host}`, visitor.jar.cookies(street.url(host)));
      }
    }
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const certificateOf = (name: 'alice' | 'bob'): Issued => (name === 'alice' ? street.house.pki.alice : bob);

  interface Attempt {
    readonly cookieOf: 'alice' | 'bob';
    readonly client: Issued | undefined;
    readonly lines?: readonly string[];
    readonly version?: 'TLSv1.2' | 'TLSv1.3';
  }

  /** The status, whether a cookie is set or a redirect sent, and whether anything got through. */
  async function attempt(host: Host, { cookieOf, client, lines = [], version = 'TLSv1.3' }: Attempt): Promise<readonly unknown[]> {
    const own = [`Cookie: ${cookies.get(`${cookieOf} ${host}`) ?? ''}`, 'Accept: text/html', ...lines];
    const request = requestText(['GET /desk HTTP/1.1', `Host: ${street.authority(host)}`, ...own]);
    const { status, head = '' } = (await askRaw(street.house, request, { sni: `${host}.postern.test`, client, version })) ?? {};
    return [status, /^(?:set-cookie|location):/im.test(head), upstream.bytes() !== ''];
  }

  const refused = [403, false, false];

  for (const host of hosts)
    for (const [cookieOf, other] of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      it(`${host}: the cookie of ${cookieOf} opens nothing over the certificate of ${other}, and goes on for its owner`, async () => {
        for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
          for (const lines of [[], socket])
            assert.deepEqual(await attempt(host, { cookieOf, client: certificateOf(other), lines, version }), refused);
        await using h2 = await openHttp2(street.house, `${host}.postern.test`, certificateOf(other));
        const { status, headers } = await h2.ask({ headers: { cookie: cookies.get(`${cookieOf} ${host}`) ?? '', accept: 'text/html' } });
        assert.deepEqual([status, headers['set-cookie'], upstream.bytes()], [403, undefined, '']);
        assert.deepEqual(await attempt(host, { cookieOf, client: certificateOf(cookieOf) }), [200, false, true], 'its owner goes on');
      });
    }

  it('is in the log, with the certificate that was shown', async () => {
    await attempt('both', { cookieOf: 'alice', client: bob });
    const print = bob.certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    const line = await street.house.logLine(
      ({ route, reasons, client_certificate_sha256: sha256 }) =>
        route === 'both' && sha256 === print && Array.isArray(reasons) && reasons[0] === 'session-certificate-mismatch',
    );
    assert.deepEqual([line['decision'], line['status'], line['certificate_rule']], ['deny', 403, 'staff']);
  });

  it('opens nothing without a certificate but where a session alone will do', async () => {
    const seen = [];
    for (const host of hosts) {
      upstream.clear();
      seen.push([host, ...(await attempt(host, { cookieOf: 'alice', client: undefined }))]);
    }
    assert.deepEqual(seen, [
      ['both', 495, false, false],
      ['either', 200, false, true],
      ['bound', 495, false, false],
      ['by-key', 495, false, false],
      ['by-person', 495, false, false],
      ['lenient', 403, false, false],
    ]);
  });

  it('never tells an upstream of either of the two', async () => {
    for (const host of hosts) await attempt(host, { cookieOf: 'bob', client: street.house.pki.alice });
    assert.equal(upstream.bytes(), '');
  });
});
