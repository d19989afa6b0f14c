import type { LiveSession } from './live-session.ts';
import { isSameSession, liveSession } from './live-session.ts';
import { createSessionMemory } from './session-memory.ts';
import type { SessionRecords } from './session-records.ts';
import type { Session } from './session.ts';

export type FoundSession =
  | { readonly kind: 'session'; readonly session: LiveSession }
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

/** What this process remembers of the sessions in the store, absent ones included. */
export interface SessionCache {
  /** Synchronous. What was read less than a minute ago counts; half of that old, it is read again beside the request. */
  find(id: string): FoundSession;
  /** Waits where `find` says loading. */
  load(id: string): Promise<LiveSession | undefined>;
  /** Reads the record anew; what is remembered counts until then. */
  reload(id: string): Promise<void>;
  keep(session: Session): void;
  /** From this moment the session does not exist here, whatever a read that is under way brings. */
  drop(id: string): void;
  /** Something about it was changed elsewhere: whoever asks next, or is waiting, reads the record anew. */
  forget(id: string): void;
}

export interface SessionCacheOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a session may last at most. */
  readonly longestMs: number;
  /** Whether the provider's tokens are remembered with a session; absent: they are only in its record. */
  readonly keepsTokens?: boolean;
}

const freshMs = 60_000;
const renewAfterMs = 30_000;
// Some 5,000 sessions with fifteen claims and ten groups, and some 110,000 others. By weight and not by number: a provider may send thousands
// of claims.
const limits = { readyBytes: 16 * 2 ** 20, packedBytes: 64 * 2 ** 20 };
const clockToleranceMs = 60_000;

export function createSessionCache(records: SessionRecords, { now, longestMs, keepsTokens = false }: SessionCacheOptions): SessionCache {
  const memory = createSessionMemory(limits);
  const loading = new Map<string, { readonly turn: symbol; readonly until: Promise<void> }>();
  /** Of those: what is being read for them was changed meanwhile. */
  const outdated = new Set<string>();

  return { find, load, reload, keep, drop: (id) => settle(id, undefined), forget };

  function find(id: string): FoundSession {
    const known = memory.get(id);
    // A clock that was set back must not keep it fresh for longer: the distance counts, not the sign.
    const age = known === undefined ? Infinity : Math.abs(now() - known.readAt);
    if (known === undefined || age >= freshMs) return { kind: 'loading', until: reload(id) };
    // Nobody waits for it. Where it fails what is known ages on, and the request that must wait for the store meets the fault.
    if (age >= renewAfterMs) void reload(id);
    if (known.session === undefined || !isLive(known.session)) return { kind: 'none' };
    return { kind: 'session', session: known.session };
  }

  function isLive({ id, expiresAt }: LiveSession): boolean {
    const left = expiresAt - now();
    if (left <= 0) endForGood(id);
    // One that would outlast any session was begun by a clock that was ahead, in the year 2040 perhaps.
    return left > 0 && left <= longestMs + clockToleranceMs;
  }

  /** It must not live again when the clock is set back. Where the store fails, it forgets the record by itself in time. */
  function endForGood(id: string): void {
    settle(id, undefined);
    records.remove(id).catch(() => undefined);
  }

  async function load(id: string): Promise<LiveSession | undefined> {
    let found = find(id);
    if (found.kind === 'loading') {
      await found.until;
      found = find(id);
    }
    return found.kind === 'session' ? found.session : undefined;
  }

  function reload(id: string): Promise<void> {
    const underWay = loading.get(id);
    if (underWay !== undefined) return underWay.until;
    const turn = Symbol(id);
    const until = read(id, turn).finally(() => {
      if (loading.get(id)?.turn !== turn) return;
      loading.delete(id);
      outdated.delete(id);
    });
    // Whoever waits meets the rejection; when nobody does, it must not end the process.
    until.catch(() => undefined);
    loading.set(id, { turn, until });
    return until;
  }

  async function read(id: string, turn: symbol): Promise<void> {
    const session = await records.read(id);
    // Something else settled the matter while the store was asked, a sign-out for one: what was read is out of date.
    if (loading.get(id)?.turn !== turn) return;
    if (outdated.delete(id)) return read(id, turn);
    const known = memory.get(id)?.session;
    if (session === undefined && known !== undefined && known.expiresAt <= now()) return endForGood(id);
    const newer = session === undefined ? undefined : liveSession(session, keepsTokens);
    const isUnchanged = known !== undefined && newer !== undefined && isSameSession(known, newer);
    memory.set(id, { session: isUnchanged ? known : newer, readAt: now() });
  }

  function forget(id: string): void {
    memory.delete(id);
    // A read that is under way may bring what was true before, and whoever waits for it waits for the next one.
    if (loading.has(id)) outdated.add(id);
  }

  function keep(session: Session): void {
    settle(session.id, liveSession(session, keepsTokens));
  }

  function settle(id: string, session: LiveSession | undefined): void {
    loading.delete(id);
    outdated.delete(id);
    memory.set(id, { session, readAt: now() });
  }
}
