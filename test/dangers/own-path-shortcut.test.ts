import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * Some paths are answered to everybody, and a request that looks like one of them to the gate and like another to the application was
 * let through unasked (authentik GHSA-5wcc-hf24-rf5h, oauth2-proxy CVE-2026-40575): the gate reads the path once, and no header tells it.
 */
describe('a path that begins or ends like one of our own', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://closed.postern.test, to: ${upstream.url}, policy: {deny: {or: [accept: true]}}}
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`);
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  // `closed`: denied, `app`: must sign in. Only what is answered by an endpoint has the same status on both.
  const targets: readonly (readonly [target: string, closed: number, app: number])[] = [
    ['/.pomerium/../admin', 403, 401],
    ['/.pomerium/%2e%2e/admin', 403, 401],
    ['/.pomerium/..%2fadmin', 400, 400],
    ['/.pomerium/..%5cadmin', 400, 400],
    ['/.pomerium/..;/admin', 404, 404],
    ['/healthz/../admin', 403, 401],
    ['/healthz/admin', 403, 401],
    ['/healthz;/admin', 403, 401],
    ['/healthz%2f..%2fadmin', 400, 400],
    ['/ping/x', 403, 401],
    ['/pingx', 403, 401],
    ['/.well-known/pomerium/../../admin', 403, 401],
    ['/.well-known/pomerium/../admin', 403, 401],
    ['/.well-known/pomeriumx', 403, 401],
    ['/.well-known/acme-challenge/x', 403, 401],
    ['/.pomeriumx/user', 403, 401],
    ['/.POMERIUM/user', 403, 401],
    ['/x/.pomerium/user', 403, 401],
    ['/oauth2/callback', 403, 401],
    ['/admin?/.pomerium/user', 403, 401],
    ['/admin;/.pomerium/', 403, 401],
    ['/admin%3f/healthz', 403, 401],
    ['/admin#/.pomerium/', 400, 400],
    ['/admin/robots.txt', 403, 401],
    ['/robots.txt/../admin', 403, 401],
    ['/robots.txt', 200, 200],
    ['/ping?x=/admin', 200, 200],
    ['/%70ing', 200, 200],
    ['/x/..//healthz', 200, 200],
    ['/.pomerium/no-such-page', 404, 404],
    ['/.pomerium/routes/../../.pomerium/x', 404, 404],
  ];

  for (const [target, closed, app] of targets) {
    it(`opens no route: ${target}`, async () => {
      for (const [host, status] of [
        ['closed', closed],
        ['app', app],
      ] as const) {
        const sni = `${host}.postern.test`;
        const lines = [`GET ${target} HTTP/1.1`, `Host: ${street.authority(host)}`, 'Accept: application/json', 'Connection: close'];
        const one = await askRaw(street.house, requestText(lines), { sni });
        const fields = [
          [':method', 'GET'],
          [':scheme', 'https'],
          [':authority', street.authority(host)],
          [':path', target],
          ['accept', 'application/json'],
        ] as const;
        const two = await askForged(street.house, fields, { sni });
        assert.deepEqual([one?.status, two === 'reset' ? 400 : two, upstream.bytes()], [status, status, ''], host);
      }
    });
  }

  it('opens no route when a header names one of ours', async () => {
    const paths = [
      '/.pomerium/',
      '/.pomerium/user',
      '/healthz',
      '/ping',
      '/robots.txt',
      '/outpost.goauthentik.io/ping',
      '/oauth2/callback',
    ];
    const names = [
      'X-Original-URI',
      'X-Original-URL',
      'X-Forwarded-Uri',
      'X-Rewrite-URL',
      'X-Envoy-Original-Path',
      'X-Forwarded-Path',
      'X-Auth-Request-Redirect',
    ];
    for (const path of paths) {
      for (const [host, status] of [
        ['closed', 403],
        ['app', 401],
      ] as const) {
        const lies = names.map((name) => `${name}: ${path}`);
        const lines = [`GET /admin HTTP/1.1`, `Host: ${street.authority(host)}`, 'Accept: application/json', ...lies];
        const answer = await askRaw(street.house, requestText(lines), { sni: `${host}.postern.test` });
        assert.deepEqual([answer?.status, upstream.bytes()], [status, ''], path);
      }
    }
  });

  it('is never an application’s to answer, not even where everybody may go', async () => {
    const { house } = street;
    for (const target of [
      '/.pomerium/sign_in',
      '/%2epomerium/user',
      '//.pomerium/user',
      '/x/../.pomerium/callback/',
      '/.well-known/pomerium/x',
      '/ping',
    ])
      for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', 'PROPFIND']) {
        const lines = [`${method} ${target} HTTP/1.1`, `Host: ${street.authority('public')}`, 'Content-Length: 0', 'Connection: close'];
        await askRaw(house, requestText(lines));
        assert.equal(upstream.bytes(), '', `${method} ${target}`);
      }
  });
});
