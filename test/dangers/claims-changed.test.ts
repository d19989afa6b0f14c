import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Somebody leaves a group, or the company, while signed in: what the provider says later counts (Pomerium CVE-2021-41230). */
describe('a person about whom the provider says something else than before', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: [groups]
routes:
  - {from: https://admin.postern.test, to: ${upstream.url}, policy: {allow: {or: [groups: {has: admins}]}}}
  - {from: https://idp.postern.test, to: ${upstream.url}, allowed_idp_claims: {groups: [admins]}}
`);
  });

  afterEach(() => mock.restoreAll());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** Asks until the answer is another one than before: the provider is asked beside a request, not in its way. */
  async function statusAfter(visitor: Visitor, host: string, known: number): Promise<number> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { status } = await visitor.visit(street.url(host));
      if (status !== known) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return known;
  }

  it('is let in no longer once the group is gone, on every route, with the same cookie', async () => {
    street.provider.account = 'alice';
    const alice = new Visitor(street.house, street.provider);
    for (const host of ['admin', 'idp']) assert.equal((await alice.arrive(street.url(host))).answer.status, 200);
    street.provider.claims.set('alice', { groups: ['staff'] });
    later();
    assert.equal(await statusAfter(alice, 'admin', 200), 403);
    upstream.clear();
    assert.deepEqual([(await alice.visit(street.url('idp'))).status, upstream.bytes()], [403, '']);
    street.provider.claims.delete('alice');
  });

  it('has to sign in again once the provider knows nothing of the sign-in any more', async () => {
    street.provider.account = 'alice';
    const alice = new Visitor(street.house, street.provider);
    assert.equal((await alice.arrive(street.url('admin'))).answer.status, 200);
    // Everything the provider gave has run out by then, the right to ask again as well.
    later(11);
    assert.equal(await statusAfter(alice, 'admin', 200), 302);
    upstream.clear();
    assert.deepEqual([(await alice.visit(street.url('admin'))).status, upstream.bytes()], [302, '']);
  });
});

/** To when the access token of ten minutes is about to run out. */
function later(minutes = 9.75): void {
  const now = Date.now();
  mock.method(Date, 'now', () => now + minutes * 60_000);
}
