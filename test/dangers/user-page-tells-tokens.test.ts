import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** The page that tells somebody what is known of them is read by whoever stands behind them, and by scripts (Pomerium CVE-2024-39315). */
describe('our own pages, to somebody who is signed in', () => {
  let street: Street;
  let upstream: Recorder;
  let visitor: Visitor;
  let secrets: readonly string[];

  before(async () => {
    upstream = await openRecorder();
    const tokens = "set_request_headers: {X-Access: '${pomerium.access_token}', X-Id: '${pomerium.id_token}', X-Jwt: '${pomerium.jwt}'}";
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, prefix: /nobody, allowed_users: [nobody@example.com]}
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, ${tokens}}
`);
    visitor = new Visitor(street.house, street.provider);
    await visitor.arrive(street.url('app'));
    const told = fieldsAt(upstream).filter(([name]) => ['x-access', 'x-id', 'x-jwt'].includes(name));
    const cookies = ['app', 'auth'].flatMap((host) => visitor.jar.cookies(street.url(host)).split('; '));
    secrets = [...told.map(([, value]) => value), ...cookies.map((pair) => pair.slice(pair.indexOf('=') + 1))];
    assert.ok(told.length === 3 && secrets.length >= 5 && secrets.every(({ length }) => length > 20), 'secrets to look for');
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const pages: readonly (readonly [host: string, path: string, status: number])[] = [
    ['app', '/.pomerium/', 200],
    ['app', '/.pomerium', 302],
    ['app', '/.pomerium/user', 200],
    ['app', '/.pomerium/jwt', 404],
    // To the page that says so, since nobody is signed out.
    ['app', '/.pomerium/signed_out', 302],
    ['app', '/.pomerium/api', 404],
    ['app', '/nobody', 403],
    ['app', '/%00', 400],
    ['auth', '/.pomerium/', 200],
    ['auth', '/.pomerium/user', 200],
    ['auth', '/nothing', 404],
    ['auth', '/.well-known/pomerium', 200],
  ];

  for (const [host, path, status] of pages) {
    it(`hold no token and no cookie: ${host}${path}`, async () => {
      for (const accept of ['text/html', 'application/json', 'text/plain', '*/*']) {
        upstream.clear();
        const answer = await visitor.visit(street.url(host, path), { headers: { accept } });
        assert.deepEqual([answer.status, upstream.bytes()], [status, '']);
        const text = `${JSON.stringify(answer.headers)}${answer.body}`;
        for (const secret of secrets) assert.equal(text.includes(secret), false, 'a secret is on it');
        assert.doesNotMatch(text, /access_token|refresh_token|id_token|eyJ[\w-]+\.eyJ/);
        if (path !== '/.well-known/pomerium') assert.match(answer.headers['cache-control'] ?? '', /no-store/, 'and nobody keeps it');
      }
    });
  }

  it('tell a stranger nothing of somebody else', async () => {
    for (const [host, path] of pages) {
      const { body } = await new Visitor(street.house).visit(street.url(host, path));
      assert.doesNotMatch(body, /alice/i);
    }
  });
});
