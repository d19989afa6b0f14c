import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { AskOptions } from '../walk/house.ts';
import { ask } from '../walk/house.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import { dial } from '../walk/web-socket.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';

const certified = "to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, allow_websockets: true";

/**
 * A browser sends a client certificate along whoever's page makes it ask (LXD-UI, CVE-2025-54286): where the certificate alone lets
 * somebody in, the page of a stranger must not change anything in that name.
 */
describe('a page of another site', () => {
  let street: CertificateHouse;
  const ids: Record<string, string> = {};

  before(async () => {
    street = await openCertificateHouse({
      config: `
downstream_mtls: {enforcement: policy}
certificate_identities: [{name: staff, from: san_email, to: email, domains: [example.com]}]
routes:
  - {name: known, from: https://known.postern.test, ${certified}, authentication: client_certificate, allow_public_unauthenticated_access: true}
  - {name: anonymous, from: https://anonymous.postern.test, ${certified}, authentication: client_certificate, anonymous_identity: {user: anonymous}, allow_any_authenticated_user: true}
  - {name: certified, from: https://certified.postern.test, ${certified}, policy: {allow: {or: [{client_certificate: {san_email: {is: alice@example.com}}}]}}}
  - {name: opened, from: https://opened.postern.test, ${certified}, allow_cross_site: true, policy: {allow: {or: [{client_certificate: {san_email: {is: alice@example.com}}}]}}}
  - {name: anybody, from: https://anybody.postern.test, ${certified}, allow_public_unauthenticated_access: true}
`,
    });
    ids['own'] = `https://${street.authority('certified')}`;
  });

  beforeEach(() => street.upstream.clear());
  after(() => street[Symbol.asyncDispose]());

  type Headers = Readonly<Record<string, string>>;
  const foreign: readonly (readonly [why: string, headers: Headers])[] = [
    ['that says it is one', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['that says it is one and claims our origin', { 'sec-fetch-site': 'cross-site', origin: 'https://certified.postern.test' }],
    ['that says something nobody knows', { 'sec-fetch-site': 'sideways' }],
    ['of which an older browser tells the origin alone', { origin: 'https://evil.example' }],
    ['of another port of ours', { origin: 'https://certified.postern.test:1' }],
    ['of our name without TLS', { origin: 'http://certified.postern.test' }],
    ['of a name that begins like ours', { origin: 'https://certified.postern.test.evil.example' }],
    ['that has no origin at all, being sandboxed', { origin: 'null' }],
  ];

  async function post(host: string, headers: Headers, more: AskOptions = {}): Promise<readonly [number, boolean]> {
    const { status } = await ask(street.house, street.url(host), { method: 'POST', headers, client: street.house.pki.alice, ...more });
    return [status, street.upstream.bytes() !== ''];
  }

  for (const [why, headers] of foreign) {
    it(`${why} gets 403, and nothing of it reaches the upstream`, async () => {
      assert.deepEqual(await post('certified', headers), [403, false]);
      assert.deepEqual(await post('certified', headers, { method: 'DELETE' }), [403, false]);
    });
  }

  it('is told so on HTTP/2 as well', async () => {
    await using client = await openHttp2(street.house, 'certified.postern.test', street.house.pki.alice);
    const answer = await client.ask({ method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: 'x=1' });
    assert.deepEqual([answer.status, street.upstream.bytes()], [403, '']);
  });

  it('opens no WebSocket', async () => {
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }]) {
      const dialled = await dial(street.house, 'certified.postern.test', { client: street.house.pki.alice, headers });
      assert.equal(dialled.kind === 'refused' ? dialled.status : 'open', 403);
    }
    assert.equal(street.upstream.bytes(), '');
  });

  it('changes nothing where it is the enforcement that asks for the certificate, and not the policy', async () => {
    for (const enforcement of ['policy_with_default_deny', 'reject_connection']) {
      await using strict = await openCertificateHouse({
        config: `
downstream_mtls: {enforcement: ${enforcement}}
routes: [{name: certified, from: https://certified.postern.test, ${certified}, allow_public_unauthenticated_access: true}]
`,
      });
      const ways = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-origin' }].map((headers) =>
        ask(strict.house, strict.url('certified'), { method: 'POST', headers, client: strict.house.pki.alice }),
      );
      assert.deepEqual(
        (await Promise.all(ways)).map(({ status }) => status),
        [403, 200],
      );
    }
  });

  it('is told that another site asked, and not to try another account', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', accept: 'text/html' };
    const { body } = await ask(street.house, street.url('certified'), { method: 'POST', headers, client: street.house.pki.alice });
    assert.match(body, /came from another site/);
    assert.doesNotMatch(body, /several accounts/);
  });

  it('is named in the log', async () => {
    await post('certified', { 'sec-fetch-site': 'cross-site' });
    const line = await street.house.logLine(({ reasons }) => Array.isArray(reasons) && reasons[0] === 'cross-site-request');
    assert.deepEqual([line['decision'], line['status'], line['route']], ['deny', 403, 'certified']);
  });

  const own: readonly (readonly [why: string, headers: Headers])[] = [
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['a page of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://other.postern.test' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a program, which sends neither', {}],
  ];
  for (const [why, headers] of own) {
    it(`is not what ${why} is taken for`, async () => assert.deepEqual(await post('certified', headers), [200, true]));
  }

  it('may be told by its own origin where the browser sends no more', async () => {
    assert.deepEqual(await post('certified', { origin: ids['own'] ?? '' }), [200, true]);
  });

  it('may look, as every link does', async () => {
    assert.deepEqual(await post('certified', { 'sec-fetch-site': 'cross-site' }, { method: 'GET' }), [200, true]);
  });

  it('may do everything where the route says so', async () => {
    assert.deepEqual(await post('opened', { 'sec-fetch-site': 'cross-site' }), [200, true]);
  });

  it('does nothing in the name of a certificate’s holder where nobody needs to be anybody', async () => {
    for (const host of ['known', 'anonymous']) {
      assert.deepEqual(await post(host, { 'sec-fetch-site': 'cross-site' }), [403, false], host);
      assert.deepEqual(await post(host, { 'sec-fetch-site': 'cross-site' }, { client: undefined }), [200, true], host);
      street.upstream.clear();
    }
  });

  it('is no danger where no certificate is needed to be let in', async () => {
    assert.deepEqual(await post('anybody', { 'sec-fetch-site': 'cross-site' }), [200, true]);
  });
});
