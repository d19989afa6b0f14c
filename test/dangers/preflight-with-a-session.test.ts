import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const preflight = ['Origin: https://app.postern.test', 'Access-Control-Request-Method: DELETE'];

/** Preflights pass unjudged where a route says so: nobody may act under their own name, or anybody's, by making a request look like one. */
describe('a request that looks like a preflight', () => {
  let street: Street;
  let upstream: Recorder;
  let cookie: string;

  before(async () => {
    upstream = await openRecorder();
    const token = 'kubernetes_service_account_token: cluster-secret';
    const tokens = "set_request_headers: {X-Token: '[${pomerium.access_token}${pomerium.id_token}${pomerium.jwt}]'}";
    street = await openStreet(`
pass_client_certificate: [x_client]
routes:
  - {from: https://certified.postern.test, to: ${upstream.url}, allowed_users: [nobody@example.com], cors_allow_preflight: true, tls_downstream_client_ca_file: ca-a.pem, set_request_headers: {X-Print: '[\${pomerium.client_cert_fingerprint}]'}}
  - {from: https://own.postern.test, to: ${upstream.url}, allowed_users: [nobody@example.com], cors_allow_preflight: true, ${tokens}}
  - {from: https://cluster.postern.test, to: ${upstream.url}, allowed_users: [nobody@example.com], cors_allow_preflight: true, ${token}}
  - {from: https://strict.postern.test, to: ${upstream.url}, allowed_users: [nobody@example.com]}
  - {from: https://spdy.postern.test, to: ${upstream.url}, allowed_users: [nobody@example.com], cors_allow_preflight: true, allow_spdy: true}
`);
    cookie = await street.cookieAt('own');
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function statusOf(host: string, lines: readonly string[], method = 'OPTIONS', cookies = cookie): Promise<number | undefined> {
    const own = [`${method} /x HTTP/1.1`, `Host: ${street.authority(host)}`, `Cookie: ${cookies}`, 'Accept: text/plain'];
    return (await askRaw(street.house, requestText([...own, ...lines]), { sni: `${host}.postern.test` }))?.status;
  }

  it('is sent on in nobody’s name', async () => {
    assert.equal(await statusOf('own', preflight), 200);
    const told = fieldsAt(upstream).filter(([name]) => /^x-pomerium|^x-token|^cookie/.test(name));
    assert.deepEqual(told, [['x-token', '[]']]);
  });

  it('is sent on in the name of no certificate either', async () => {
    const lines = ['OPTIONS /x HTTP/1.1', `Host: ${street.authority('certified')}`, ...preflight];
    const { alice: client } = street.house.pki;
    assert.equal((await askRaw(street.house, requestText(lines), { sni: 'certified.postern.test', client }))?.status, 200);
    const told = fieldsAt(upstream).filter(([name]) => /^x-client|^x-print/.test(name));
    assert.deepEqual(Object.fromEntries(told), { 'x-client-verify': 'NONE', 'x-print': '[]' });
  });

  it('gets no service account of a Kubernetes API', async () => {
    const cookies = await street.cookieAt('cluster');
    assert.equal(await statusOf('cluster', [...preflight, 'Authorization: Bearer x', 'Impersonate-User: root'], 'OPTIONS', cookies), 200);
    assert.deepEqual(
      fieldsAt(upstream).filter(([name]) => /^authorization|^impersonate/.test(name)),
      [],
    );
  });

  const others: readonly (readonly [what: string, host: string, lines: readonly string[], method?: string])[] = [
    ['another method', 'own', preflight, 'POST'],
    ['a method of another case', 'own', preflight, 'Options'],
    ['no method to ask for', 'own', ['Origin: https://app.postern.test']],
    ['no origin', 'own', ['Access-Control-Request-Method: DELETE']],
    ['a method by another way', 'own', [...preflight, 'X-HTTP-Method-Override: OPTIONS'], 'DELETE'],
    ['a route that lets none through', 'strict', preflight],
  ];
  for (const [what, host, lines, method] of others) {
    it(`is judged like every request: ${what}`, async () => {
      const cookies = await street.cookieAt(host);
      const status = await statusOf(host, lines, method, cookies);
      assert.ok(status === 403 || status === 400 || status === 405, `${status}`);
      assert.equal(upstream.bytes(), '');
    });
  }

  it('opens no tunnel', async () => {
    await statusOf('spdy', [...preflight, 'Connection: Upgrade', 'Upgrade: SPDY/3.1']);
    assert.doesNotMatch(upstream.bytes(), /^upgrade:/im);
  });
});
