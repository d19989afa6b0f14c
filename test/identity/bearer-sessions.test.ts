import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BearerSettings } from '../../src/config/bearer-settings.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { BearerSessions, FoundBearer } from '../../src/identity/bearer-sessions.ts';
import { createBearerSessions } from '../../src/identity/bearer-sessions.ts';
import type { VerifiedToken } from '../../src/identity/verified-token.ts';
import { noGrant } from '../../src/identity/verified-token.ts';

const minute = 60_000;
const hour = 60 * minute;
const jwt: BearerSettings = { format: 'jwt', audiences: [], issuers: undefined };
const access: BearerSettings = { format: 'idp_access_token', audiences: ['corp'], issuers: undefined };

interface Bench {
  readonly clock: { now: number };
  readonly asked: string[];
  answer: (token: string) => Promise<VerifiedToken | undefined>;
  readonly bearers: BearerSessions;
  /** As the walk does: asks, waits, and asks again once. */
  find(token: string, rules?: BearerSettings): Promise<FoundBearer>;
}

function bench(changes: Partial<VerifiedToken> = {}): Bench {
  const clock = { now: 1_800_000_000_000 };
  const verified = {
    userId: 'robots/alice',
    grant: noGrant,
    audiences: ['corp'],
    issuer: 'robots',
    expiresAt: clock.now + 20 * hour,
    ...changes,
  };
  const asked: string[] = [];
  const at: Bench = {
    clock,
    asked,
    answer: async () => verified,
    bearers: createBearerSessions({
      now: () => clock.now,
      sessionMs: 14 * hour,
      verifier: {
        async verify(_, token) {
          asked.push(token);
          return at.answer(token);
        },
        waitsFor: (_, token) => (token.startsWith('other ') ? 'other' : ''),
      },
    }),
    async find(token, rules = jwt) {
      const found = at.bearers.find(token, rules);
      if (found.kind !== 'loading') return found;
      await found.until;
      return at.bearers.find(token, rules);
    },
  };
  return at;
}

function sessionOf(found: FoundBearer): Extract<FoundBearer, { kind: 'session' }>['session'] {
  return found.kind === 'session' ? found.session : assert.fail(found.kind);
}

describe('createBearerSessions()', () => {
  it('verifies a token once, for all who come with it at the same time and after', async () => {
    const at = bench();
    const first = await Promise.all(Array.from({ length: 5 }, async () => at.find('t')));
    const later = await at.find('t');
    assert.deepEqual([at.asked, new Set([...first, later].map(sessionOf)).size], [['t'], 1]);
  });

  it('ends a session with the token, or with the longest that a session lives', async () => {
    const [long, short] = [bench(), bench({ expiresAt: 1_800_000_000_000 + hour })];
    assert.deepEqual(
      [sessionOf(await long.find('t')).expiresAt, sessionOf(await short.find('t')).expiresAt],
      [long.clock.now + 14 * hour, short.clock.now + hour],
    );
    short.clock.now += hour;
    assert.equal((await short.find('t')).kind, 'refused');
  });

  it('remembers for half a minute that a token does not count', async () => {
    const at = bench();
    at.answer = async () => undefined;
    const kinds = [(await at.find('x')).kind, (await at.find('x')).kind];
    at.clock.now += 30_000;
    kinds.push((await at.find('x')).kind);
    assert.deepEqual([kinds, at.asked.length], [['refused', 'refused', 'refused'], 2]);
  });

  it('asks the provider about an access token every five minutes, before that beside the requests', async () => {
    const at = bench();
    const before = sessionOf(await at.find('t', access));
    at.clock.now += 3 * minute;
    const beside = at.bearers.find('t', access);
    await new Promise(setImmediate);
    assert.deepEqual([beside.kind, at.asked.length, sessionOf(await at.find('t', access)) === before], ['session', 2, true]);
    at.clock.now += 5 * minute;
    at.answer = async () => undefined;
    assert.equal(at.bearers.find('t', access).kind, 'loading');
    assert.equal((await at.find('t', access)).kind, 'refused');
  });

  it('takes what the provider said last while it is down, and nothing that it never said', async () => {
    const at = bench({ expiresAt: 1_800_000_000_000 + hour });
    const before = sessionOf(await at.find('t', access));
    at.answer = async () => Promise.reject(new ProxyFailure('provider-unreachable', 'down'));
    at.clock.now += 6 * minute;
    assert.equal(sessionOf(await at.find('t', access)), before);
    await assert.rejects(at.find('new', access), ProxyFailure);
    at.clock.now += hour;
    await assert.rejects(at.find('t', access), ProxyFailure);
  });

  it('never prolongs a session by verifying its token again', async () => {
    const at = bench({ expiresAt: Infinity });
    const end = sessionOf(await at.find('t', access)).expiresAt;
    at.clock.now += 6 * minute;
    at.answer = async () => ({ userId: 'alice', grant: noGrant, audiences: ['corp'], issuer: undefined, expiresAt: Infinity });
    const renewed = sessionOf(await at.find('t', access));
    assert.deepEqual([renewed.userId, renewed.expiresAt], ['alice', end]);
  });

  it('asks of a token what the route asks of it', async () => {
    const at = bench();
    const kinds = [];
    for (const rules of [
      jwt,
      { ...jwt, issuers: ['robots'] },
      { ...jwt, issuers: ['machines'] },
      { ...jwt, issuers: [] },
      { ...access, audiences: ['corp', 'other'] },
      { ...access, audiences: ['other'] },
      { ...access, audiences: [] },
      { ...access, format: 'idp_identity_token' },
      { ...jwt, format: 'default' },
    ] as const)
      kinds.push((await at.find('t', rules)).kind);
    const [yes, no] = ['session', 'refused'];
    assert.deepEqual(kinds, [yes, yes, no, no, yes, no, no, no, no]);
    assert.equal(at.asked.length, 3);
  });

  it('has no more than so many tokens verified at once', async () => {
    const at = bench();
    const { promise: gate, resolve: go } = Promise.withResolvers<void>();
    at.answer = async () => {
      await gate;
      return undefined;
    };
    const waiting = Array.from({ length: 64 }, async (_, index) => at.find(`t${index}`));
    await assert.rejects(at.find('one more'), ProxyFailure);
    go();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ kind }) => kind)), new Set(['refused']));
    assert.equal((await at.find('one more')).kind, 'refused');
  });

  it('looks at tokens of one issuer while all places of another are taken, and again at those that counted before', async () => {
    const at = bench();
    await at.find('known', access);
    at.clock.now += 6 * minute;
    const { answer } = at;
    const { promise: gate, resolve: go } = Promise.withResolvers<void>();
    at.answer = async (token) => {
      if (token.startsWith('t')) await gate;
      return answer(token);
    };
    const waiting = Array.from({ length: 64 }, async (_, index) => at.find(`t${index}`));
    assert.deepEqual([(await at.find('other one')).kind, (await at.find('known', access)).kind], ['session', 'session']);
    go();
    await Promise.all(waiting);
  });

  it('keeps nothing for longer because the clock was set back', async () => {
    const day = 24 * hour;
    const at = bench({ expiresAt: Infinity });
    at.clock.now += day;
    await at.find('t', access);
    const { answer } = at;
    at.answer = async () => undefined;
    await at.find('x', access);
    at.clock.now -= day;
    assert.equal((await at.find('t', access)).kind, 'refused', 'it was revoked meanwhile');
    at.answer = answer;
    assert.equal((await at.find('x', access)).kind, 'session', 'it is good by now');
    assert.equal(sessionOf(await at.find('x', access)).expiresAt, at.clock.now + 14 * hour);
  });

  it('ends a session anew that a clock far ahead began', async () => {
    const at = bench({ expiresAt: Infinity });
    at.clock.now += 24 * hour;
    await at.find('t');
    at.clock.now -= 24 * hour;
    assert.equal(sessionOf(await at.find('t')).expiresAt, at.clock.now + 14 * hour);
  });

  it('remembers fewer tokens where they say much', async () => {
    const at = bench({ grant: { ...noGrant, idTokenClaims: { all: 'x'.repeat(1_600_000) } } });
    for (let index = 0; index < 12; index += 1) await at.find(`t${index}`);
    await at.find('t11');
    await at.find('t0');
    assert.deepEqual([at.asked.length, at.asked.at(-1)], [13, 't0']);
  });
});
