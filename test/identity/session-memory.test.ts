import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSession } from '../../src/identity/build-session.ts';
import type { LiveSession } from '../../src/identity/live-session.ts';
import { liveSession } from '../../src/identity/live-session.ts';
import { createSessionMemory } from '../../src/identity/session-memory.ts';

function session(id: string, long = ''): LiveSession {
  const nothing = { userInfo: {}, accessToken: undefined, idToken: undefined, refreshToken: undefined, accessExpiresAt: undefined };
  const grant = { idTokenClaims: { sub: id, groups: ['staff'], long }, ...nothing };
  return liveSession(buildSession({ id, userId: id, expiresAt: 10, grant }), false);
}

describe('createSessionMemory()', () => {
  it('gives the same object as long as there is room for it, and one that says the same afterwards', () => {
    const memory = createSessionMemory({ readyBytes: 3_000, packedBytes: 10_000 });
    const first = session('1');
    memory.set('1', { session: first, readAt: 7 });
    assert.equal(memory.get('1')?.session, first);
    for (const id of ['2', '3', '4']) memory.set(id, { session: session(id), readAt: 8 });
    const again = memory.get('1');
    assert.notEqual(again?.session, first);
    assert.deepEqual([again?.session, again?.readAt], [first, 7]);
    assert.equal(memory.get('1')?.session, again?.session, 'from now on it is that one');
  });

  it('holds one thing about a session, wherever it stands', () => {
    const memory = createSessionMemory({ readyBytes: 3_000, packedBytes: 10_000 });
    for (const id of ['1', '2', '3', '4']) memory.set(id, { session: session(id), readAt: 1 });
    memory.set('1', { session: undefined, readAt: 2 });
    memory.delete('2');
    const absent = memory.get('1');
    for (const id of ['5', '6', '7', '8', '9']) memory.set(id, { session: session(id), readAt: 1 });
    const found = ['1', '2'].map((id) => memory.get(id));
    assert.deepEqual([absent, ...found], [{ session: undefined, readAt: 2 }, undefined, undefined]);
  });

  it('forgets what was not asked for longest, in the end', () => {
    const memory = createSessionMemory({ readyBytes: 3_000, packedBytes: 1_500 });
    const ids = Array.from({ length: 40 }, (_, number) => `${number}`);
    for (const id of ids) memory.set(id, { session: session(id), readAt: 1 });
    const held = ids.filter((id) => memory.get(id) !== undefined);
    assert.ok(held.length > 3 && held.length < 15, `${held.length} are held`);
    assert.equal(memory.get('39')?.session?.id, '39');
  });

  it('holds nothing that is larger than all it may hold', () => {
    const memory = createSessionMemory({ readyBytes: 3_000, packedBytes: 1_500 });
    memory.set('1', { session: session('1', 'x'.repeat(10_000)), readAt: 1 });
    assert.equal(memory.get('1'), undefined);
  });
});
