import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { buildSession } from '../../src/identity/build-session.ts';
import { createSealer } from '../../src/identity/sealer.ts';
import { createSessionRecords } from '../../src/identity/session-records.ts';
import type { Grant } from '../../src/identity/session.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';

const sealer = createSealer([randomBytes(32)], 'record');
const grant: Grant = {
  idTokenClaims: { sub: 'u', name: 'Person Name', nested: { a: ['b'] } },
  userInfo: {},
  accessToken: 'access-token',
  idToken: 'id-token',
  refreshToken: 'refresh-token',
  accessExpiresAt: 5,
};
const session = buildSession({ id: 's1', userId: 'u', expiresAt: 100, grant });

const noLinks = { read: async (): Promise<undefined> => undefined };

describe('createSessionRecords()', () => {
  it('reads what was created, with the newest grant', async () => {
    await using store = openMemoryStore({ now: () => 0 });
    const records = createSessionRecords(store, sealer, noLinks);
    await records.create(session);
    assert.deepEqual(await records.read('s1'), session);
    const newer = { ...grant, userInfo: { name: 'New' } };
    await records.replaceGrant(session, newer);
    assert.deepEqual([(await records.read('s1'))?.person.name, await records.count()], ['New', 1]);
  });

  it('does not let a late refresh bring an ended session back', async () => {
    await using store = openMemoryStore({ now: () => 0 });
    const records = createSessionRecords(store, sealer, noLinks);
    await records.create(session);
    assert.equal(await records.remove('s1'), true);
    await records.replaceGrant(session, grant);
    assert.deepEqual([await records.read('s1'), await records.count(), await records.remove('s1')], [undefined, 0, false]);
  });

  it('shows nothing of a person to whoever reads the store, and takes no record for another', async () => {
    await using store = openMemoryStore({ now: () => 0 });
    const records = createSessionRecords(store, sealer, noLinks);
    await records.create(session);
    const bytes = (await store.get('session/s1')) ?? assert.fail();
    assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), /Person|token/);
    await store.put('session/s2', bytes, 100);
    await store.put('session/s3', new Uint8Array([1, 2, 3]), 100);
    assert.deepEqual([await records.read('s2'), await records.read('s3')], [undefined, undefined]);
  });
});
