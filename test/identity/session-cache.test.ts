import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSession, tokensOf } from '../../src/identity/build-session.ts';
import type { SessionCache, SessionCacheOptions } from '../../src/identity/session-cache.ts';
import { createSessionCache } from '../../src/identity/session-cache.ts';
import type { Session } from '../../src/identity/session.ts';

function session(name: string, expiresAt = 1_000_000): Session {
  const grant = {
    idTokenClaims: { name },
    userInfo: {},
    accessToken: undefined,
    idToken: undefined,
    refreshToken: undefined,
    accessExpiresAt: undefined,
  };
  return buildSession({ id: 'id', userId: 'u', expiresAt, grant });
}

function heavy(id: string): Session {
  const { grant, ...rest } = session('alice');
  return buildSession({ ...rest, id, grant: { ...grant, idTokenClaims: { long: `${id} ${'x'.repeat(2 ** 20)}` } } });
}

/** So much to be remembered that what was remembered before is kept as a text. */
function crowd(cache: SessionCache): void {
  for (let number = 0; number < 30; number += 1) cache.keep(heavy(`${number}`));
}

interface Cached {
  readonly cache: SessionCache;
  /** Answers the oldest read that is waiting. */
  readonly answer: (session: Session | Error | undefined) => Promise<void>;
  readonly reads: () => number;
  readonly removed: string[];
  now: number;
}

async function unused(): Promise<never> {
  assert.fail();
}

function open(options: Partial<SessionCacheOptions> = {}): Cached {
  const waiting: PromiseWithResolvers<Session | undefined>[] = [];
  let reads = 0;
  const read = async (): Promise<Session | undefined> => {
    reads += 1;
    const turn = Promise.withResolvers<Session | undefined>();
    waiting.push(turn);
    return turn.promise;
  };
  const removed: string[] = [];
  const remove = async (id: string): Promise<boolean> => {
    removed.push(id);
    throw new Error('disk');
  };
  const opened: Cached = {
    now: 0,
    removed,
    reads: () => reads,
    cache: createSessionCache(
      { read, create: unused, replaceGrant: unused, remove, count: unused },
      { now: () => opened.now, longestMs: 1_000_000, ...options },
    ),
    async answer(result) {
      const turn = waiting.shift() ?? assert.fail();
      if (result instanceof Error) turn.reject(result);
      else turn.resolve(result);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return opened;
}

function nameOf(cache: SessionCache): string | undefined {
  const found = cache.find('id');
  return found.kind === 'session' ? found.session.person.name : found.kind;
}

describe('createSessionCache()', () => {
  it('reads once for all who ask at the same time, and answers at once from then on', async () => {
    const { cache, answer, reads } = open();
    const [first, second] = [cache.find('id'), cache.find('id')];
    assert.deepEqual([first.kind, second.kind, reads()], ['loading', 'loading', 1]);
    await answer(session('a'));
    assert.deepEqual([nameOf(cache), nameOf(cache), reads()], ['a', 'a', 1]);
  });

  it('reads anew what was changed elsewhere, and whoever waits for what is out of date waits for that', async () => {
    const { cache, answer, reads } = open();
    const first = cache.find('id');
    cache.forget('id');
    await answer(session('before'));
    assert.deepEqual([first.kind, nameOf(cache), reads()], ['loading', 'loading', 2]);
    await answer(session('after'));
    assert.deepEqual([nameOf(cache), reads()], ['after', 2]);
    cache.forget('id');
    assert.deepEqual([nameOf(cache), reads()], ['loading', 3]);
    await answer(undefined);
    assert.equal(nameOf(cache), 'none');
  });

  it('remembers that there is no such session', async () => {
    const { cache, answer, reads } = open();
    nameOf(cache);
    await answer(undefined);
    assert.deepEqual([nameOf(cache), reads()], ['none', 1]);
  });

  it('reads again beside the request after half a minute, and waits after a whole one', async () => {
    const opened = open();
    const { cache, answer, reads } = opened;
    nameOf(cache);
    await answer(session('a'));
    opened.now = 30_000;
    assert.deepEqual([nameOf(cache), nameOf(cache), reads()], ['a', 'a', 2]);
    opened.now = 60_000;
    assert.equal(nameOf(cache), 'loading');
    await answer(session('b'));
    assert.deepEqual([nameOf(cache), reads()], ['b', 2]);
  });

  it('keeps the same person object while nothing changes', async () => {
    const opened = open();
    const { cache, answer } = opened;
    const known = session('a');
    cache.keep(known);
    opened.now = 60_000;
    nameOf(cache);
    await answer(session('a'));
    const found = cache.find('id');
    assert.ok(found.kind === 'session' && found.session.person === known.person);
  });

  it('is not brought back by a read that was under way when the session was dropped', async () => {
    const { cache, answer, reads } = open();
    nameOf(cache);
    cache.drop('id');
    void cache.reload('id');
    await answer(session('a'));
    assert.equal(nameOf(cache), 'none');
    await answer(undefined);
    assert.deepEqual([nameOf(cache), reads()], ['none', 2]);
  });

  it('hands a fault of the store to whoever waits, and asks again next time', async () => {
    const { cache, answer, reads } = open();
    const found = cache.find('id');
    assert.ok(found.kind === 'loading');
    const rejected = assert.rejects(found.until, /disk/);
    await answer(new Error('disk'));
    await rejected;
    assert.deepEqual([nameOf(cache), reads()], ['loading', 2]);
  });

  it('lets a session serve on while the store is broken for a short time', async () => {
    const opened = open();
    const { cache, answer } = opened;
    cache.keep(session('a'));
    opened.now = 30_000;
    nameOf(cache);
    await answer(new Error('disk'));
    assert.equal(nameOf(cache), 'a');
  });

  it('ends a session at the very millisecond, and is not fooled by a clock set back', async () => {
    const opened = open();
    opened.now = 100_000;
    opened.cache.keep(session('a', 100_010));
    opened.now = 100_009;
    assert.equal(nameOf(opened.cache), 'a');
    opened.now = 100_010;
    assert.equal(nameOf(opened.cache), 'none');
    assert.deepEqual(opened.removed, ['id'], 'it is over for good');
    opened.now = 100_009;
    assert.equal(nameOf(opened.cache), 'none');
    opened.now = 40_000;
    assert.equal(nameOf(opened.cache), 'loading');
  });

  it('knows no session that would last longer than any may, a minute of clocks that differ aside', () => {
    const opened = open();
    const names = [1_060_000, 1_060_001, 33_000_000_000].map((expiresAt) => {
      opened.cache.keep(session('a', expiresAt));
      return nameOf(opened.cache);
    });
    assert.deepEqual([names, opened.removed], [['a', 'none', 'none'], []]);
  });

  it('does not end the process when nobody waits for a read that fails', async () => {
    const { cache, answer } = open();
    nameOf(cache);
    await answer(new Error('disk'));
  });

  it('forgets what was not asked for longest once what it remembers weighs too much, however few sessions that are', () => {
    const { cache } = open();
    for (let number = 0; number < 50; number += 1) cache.keep(heavy(`${number}`));
    const before = cache.find('0').kind;
    for (let number = 50; number < 110; number += 1) cache.keep(heavy(`${number}`));
    assert.deepEqual(
      [before, cache.find('0').kind, cache.find('1').kind, cache.find('109').kind],
      ['session', 'session', 'loading', 'session'],
    );
  });

  it('remembers thousands of ordinary ones', () => {
    const { cache } = open();
    for (let number = 0; number < 10_000; number += 1) cache.keep(buildSession({ ...session('alice'), id: `${number}` }));
    assert.equal(cache.find('0').kind, 'session');
  });

  it('remembers a hundred thousand, and reads none of them again', () => {
    const { cache, reads } = open();
    for (let number = 0; number < 100_000; number += 1) {
      const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
      cache.keep(buildSession({ ...session('alice'), id, userId: `u${number}` }));
    }
    const found = cache.find('00000000-0000-4000-8000-000000000000');
    assert.deepEqual([found.kind === 'session' ? found.session.person.id : found.kind, reads()], ['u0', 0]);
  });

  it('keeps tokens in memory only where they are handed out', () => {
    const tokens = [true, false].map((keepsTokens) => {
      const { cache } = open({ keepsTokens });
      const { grant, ...rest } = session('alice');
      cache.keep(buildSession({ ...rest, grant: { ...grant, accessToken: 'access', idToken: 'id' } }));
      const isThere = cache.find('id');
      crowd(cache);
      const isThereAgain = cache.find('id');
      return [isThere, isThereAgain].map((found) => found.kind === 'session' && tokensOf(found.session.person));
    });
    const [some, none] = [
      { accessToken: 'access', idToken: 'id' },
      { accessToken: '', idToken: '' },
    ];
    assert.deepEqual(tokens, [
      [some, some],
      [none, none],
    ]);
  });
});

describe('createSessionCache(): a session that is kept as a text', () => {
  it('is trusted no longer for that: read again beside the request after half a minute, and waited for after a whole one', async () => {
    const opened = open();
    const { cache, answer, reads } = opened;
    const first = session('a');
    cache.keep(first);
    crowd(cache);
    opened.now = 29_999;
    assert.deepEqual([nameOf(cache), reads()], ['a', 0]);
    const again = cache.find('id');
    assert.ok(again.kind === 'session' && again.session.person !== first.person, 'it was made anew');
    crowd(cache);
    opened.now = 30_000;
    assert.deepEqual([nameOf(cache), reads()], ['a', 1]);
    await answer(session('b'));
    assert.deepEqual([nameOf(cache), reads()], ['b', 1]);
    crowd(cache);
    opened.now = 90_000;
    assert.deepEqual([nameOf(cache), reads()], ['loading', 2]);
    await answer(session('c'));
    assert.equal(nameOf(cache), 'c');
  });

  it('is gone when it is dropped, forgotten, or found ended in the store', async () => {
    const opened = open();
    const { cache, answer } = opened;
    cache.keep(session('a'));
    crowd(cache);
    cache.drop('id');
    const dropped = nameOf(cache);
    cache.keep(session('a'));
    crowd(cache);
    cache.forget('id');
    const forgotten = nameOf(cache);
    await answer(session('a'));
    crowd(cache);
    opened.now = 30_000;
    const before = nameOf(cache);
    await answer(undefined);
    assert.deepEqual([dropped, forgotten, before, nameOf(cache)], ['none', 'loading', 'a', 'none']);
  });

  it('is not brought back by a read that was under way when it was dropped', async () => {
    const opened = open();
    const { cache, answer } = opened;
    cache.keep(session('a'));
    crowd(cache);
    opened.now = 30_000;
    assert.equal(nameOf(cache), 'a');
    cache.drop('id');
    await answer(session('a'));
    assert.equal(nameOf(cache), 'none');
  });

  it('keeps the person object that was made of it, while nothing changes', async () => {
    const opened = open();
    const { cache, answer } = opened;
    cache.keep(session('a'));
    crowd(cache);
    opened.now = 30_000;
    const made = cache.find('id');
    await answer(session('a'));
    const after = cache.find('id');
    assert.ok(made.kind === 'session' && after.kind === 'session' && made.session.person === after.session.person);
  });

  it('ends at the very millisecond, and for good', () => {
    const opened = open();
    opened.cache.keep(session('a', 10));
    crowd(opened.cache);
    opened.now = 9;
    assert.equal(nameOf(opened.cache), 'a');
    crowd(opened.cache);
    opened.now = 10;
    assert.deepEqual([nameOf(opened.cache), opened.removed], ['none', ['id']]);
  });
});
