import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AskOptions } from '../walk/house.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { certificateCases, clientOf } from './certificate-cases.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';

const pki = await makePki();
const cases = await certificateCases(pki);
const open = "to: '{{to}}', allow_public_unauthenticated_access: true";
const ofA = `${open}, tls_downstream_client_ca_file: ca-a.pem`;
const ofB = `${open}, tls_downstream_client_ca_file: ca-b.pem`;

/** The handshake fails where a certificate is asked for, and nowhere else, or nobody could sign in. */
describe('enforcement: reject_connection', () => {
  let street: CertificateHouse;
  let openssl: OpensslClient;

  before(async () => {
    openssl = await openOpenssl();
    street = await openCertificateHouse({
      pki,
      config: `
authenticate_service_url: https://auth.postern.test
idp_provider: oidc
idp_provider_url: http://127.0.0.1:1
idp_client_id: postern
idp_client_secret: nobody will ask
downstream_mtls: {enforcement: reject_connection, max_verify_depth: 2}
routes:
  - {from: https://a.postern.test, ${ofA}}
  - {from: https://paths.postern.test, prefix: /one, ${ofA}}
  - {from: https://paths.postern.test, prefix: /two, ${ofB}}
  - {from: https://paths.postern.test, ${open}}
  - {from: https://public.postern.test, ${open}}
  - {from: 'https://*.postern.test', ${ofA}}
`,
    });
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  /** The status, or that there was no HTTP at all; and whether the upstream saw anything. */
  async function outcome(host: string, path: string, options: AskOptions) {
    street.upstream.clear();
    const answer = await ask(street.house, street.url(host, path), options).then(
      ({ status }) => status,
      () => 'no connection' as const,
    );
    return [answer, street.upstream.bytes().length > 0 ? 'forwarded' : 'kept out'];
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const tested of cases) {
      const { what, refusal } = tested;
      it(`${refusal === undefined ? 'lets in' : 'refuses the handshake of'} whoever shows ${what} (${maxVersion})`, async () => {
        const client = clientOf(tested);
        const expected = refusal === undefined ? [200, 'forwarded'] : ['no connection', 'kept out'];
        for (const host of ['a', 'under-the-wildcard']) assert.deepEqual(await outcome(host, '/', { client, maxVersion }), expected, host);
        assert.deepEqual(await outcome('public', '/', { client, maxVersion }), [200, 'forwarded'], 'a host that asks for nothing');
      });
    }
  }

  it('asks for one valid certificate at a host of several authorities, and judges each path by its own', async () => {
    // oxfmt-ignore
    const expected = {
      '/one':  [['no connection', 'kept out'], [200, 'forwarded'], [495, 'kept out'],  ['no connection', 'kept out']],
      '/two':  [['no connection', 'kept out'], [495, 'kept out'],  [200, 'forwarded'], ['no connection', 'kept out']],
      '/none': [['no connection', 'kept out'], [200, 'forwarded'], [200, 'forwarded'], ['no connection', 'kept out']],
    };
    for (const [path, outcomes] of Object.entries(expected))
      for (const [at, client] of [undefined, pki.alice, pki.ofB, pki.ofSameName].entries())
        assert.deepEqual(await outcome('paths', path, { client }), outcomes[at], `${path} ${at}`);
  });

  it('is not got round over a connection that asked for nothing', async () => {
    for (const sni of ['public.postern.test', 'auth.postern.test'])
      for (const client of [undefined, pki.alice]) assert.deepEqual(await outcome('a', '/', { sni, client }), [421, 'kept out'], sni);
  });

  it('leaves the authenticate host alone, though a wildcard covers its name: nothing is asked there', async () => {
    const host = `Host: ${street.authority('auth')}`;
    const input = `GET /.well-known/pomerium/jwks.json HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`;
    const seen = await openssl.run({ port: street.house.port, sni: 'auth.postern.test', input });
    assert.deepEqual([seen.asked, seen.statuses], [false, [200]]);
    assert.deepEqual(await outcome('auth', '/.well-known/pomerium', { client: pki.ofSameName }), [200, 'kept out']);
    assert.deepEqual(await outcome('auth', '/anything', {}), [404, 'kept out']);
  });
});
