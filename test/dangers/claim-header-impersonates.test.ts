import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Names and groups are what people may often write themselves at a provider: as the first of two `Impersonate-User` it would be who they are. */
describe('a claim header with a name that a Kubernetes API believes', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: {Impersonate-User: name, impersonate-uid: name, Authorization: name, X-Mail: email}
routes:
  - {from: https://cluster.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, kubernetes_service_account_token: cluster-secret}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('does not stand beside whom the service account acts for', async () => {
    const cookie = await street.cookieAt('cluster');
    upstream.clear();
    const lines = ['GET /api HTTP/1.1', `Host: ${street.authority('cluster')}`, `Cookie: ${cookie}`, 'Impersonate-Extra-Scopes: all'];
    assert.equal((await askRaw(street.house, requestText(lines), { sni: 'cluster.postern.test' }))?.status, 200);
    assert.deepEqual(
      fieldsAt(upstream).filter(([name]) => /^authorization|^impersonate|^x-mail/.test(name)),
      [
        ['x-mail', 'alice@example.com'],
        ['authorization', 'Bearer cluster-secret'],
        ['impersonate-user', 'alice@example.com'],
        ['impersonate-group', 'admins,staff'],
      ],
    );
  });

  it('tells the token to nobody who reads the log', () => {
    assert.doesNotMatch(street.house.rawLog.join(''), /cluster-secret/);
  });
});
