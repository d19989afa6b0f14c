import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** A neighbour on the parent domain plants cookies: they are believed by nobody, and keep nobody going round in circles either. */
describe('a session cookie that a neighbour planted', () => {
  let street: Street;
  let upstream: Recorder;
  let ofAttacker: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: [sub]
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
    street.provider.account = 'bob';
    ofAttacker = /_pomerium=([^;]+)/.exec(await street.cookieAt('app'))?.[1] ?? '';
    street.provider.account = 'alice';
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const page = (): string => street.url('app', '/page');

  it('is told to whoever has a genuine one too, and taken away, so that they can sign in', async () => {
    const victim = new Visitor(street.house, street.provider);
    await victim.arrive(page());
    victim.jar.keep(page(), [`_pomerium=${ofAttacker}; Domain=postern.test`]);
    upstream.clear();
    const { answer, way } = await victim.arrive(page());
    assert.deepEqual([answer.status, way.length, upstream.bytes()], [400, 3, '']);
    assert.ok(answer.body.includes('Another site has set a cookie for this one') && answer.body.includes(`href="${page()}"`));
    assert.deepEqual(
      (answer.headers['set-cookie'] ?? []).map((cookie) => /Domain=([^;]+)/.exec(cookie)?.[1]),
      [undefined, 'app.postern.test', 'postern.test'],
    );
    assert.equal((await victim.arrive(page())).answer.status, 200);
    assert.doesNotMatch(upstream.bytes(), /bob/);
  });

  for (const [what, value] of [
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['ten kilobytes', 'A'.repeat(10_000)],
    ['of another version', Buffer.concat([Buffer.of(2), Buffer.alloc(60, 7)]).toString('base64url')],
  ] as const)
    it(`is passed over when it is not genuine: ${what}`, async () => {
      const victim = new Visitor(street.house, street.provider);
      victim.jar.keep(page(), [`_pomerium=${value}; Domain=postern.test`, `_pomerium_browser=${value}; Domain=postern.test`]);
      assert.equal((await victim.visit(page())).status, 302);
      assert.equal(upstream.bytes(), '');
      assert.equal((await victim.arrive(page())).answer.status, 200);
      assert.match(upstream.bytes(), /alice/);
    });
});
