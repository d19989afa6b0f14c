import type { BoundedMap } from './bounded-map.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { SessionRecords } from './session-records.ts';
import type { Session } from './session.ts';

export type FoundSession =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

/** What this process remembers of the sessions in the store, absent ones included. */
export interface SessionCache {
  /** Synchronous. What was read less than a minute ago counts; half of that old, it is read again beside the request. */
  find(id: string): FoundSession;
  /** Waits where `find` says loading. */
  load(id: string): Promise<Session | undefined>;
  /** Reads the record anew; what is remembered counts until then. */
  reload(id: string): Promise<void>;
  keep(session: Session): void;
  /** From this moment the session does not exist here, whatever a read that is under way brings. */
  drop(id: string): void;
}

export interface SessionCacheOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a session may last at most. */
  readonly longestMs: number;
}

interface Entry {
  readonly session: Session | undefined;
  readonly readAt: number;
}

const freshMs = 60_000;
const renewAfterMs = 30_000;
const limit = 10_000;
const clockToleranceMs = 60_000;

export function createSessionCache(records: SessionRecords, { now, longestMs }: SessionCacheOptions): SessionCache {
  const entries: BoundedMap<string, Entry> = createBoundedMap(limit);
  const loading = new Map<string, { readonly turn: symbol; readonly until: Promise<void> }>();

  return { find, load, reload, keep: (session) => settle(session.id, session), drop: (id) => settle(id, undefined) };

  function find(id: string): FoundSession {
    const entry = entries.get(id);
    // A clock that was set back must not keep an entry fresh for longer: the distance counts, not the sign.
    const age = entry === undefined ? Infinity : Math.abs(now() - entry.readAt);
    if (entry === undefined || age >= freshMs) return { kind: 'loading', until: reload(id) };
    // Nobody waits for it. Where it fails the entry ages on, and the request that must wait for the store meets the fault.
    if (age >= renewAfterMs) void reload(id);
    if (entry.session === undefined || !isLive(entry.session)) return { kind: 'none' };
    return { kind: 'session', session: entry.session };
  }

  function isLive({ id, expiresAt }: Session): boolean {
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

  async function load(id: string): Promise<Session | undefined> {
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
      if (loading.get(id)?.turn === turn) loading.delete(id);
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
    const known = entries.get(id)?.session;
    if (session === undefined && known !== undefined && known.expiresAt <= now()) return endForGood(id);
    entries.set(id, { session: known !== undefined && isSame(known, session) ? known : session, readAt: now() });
  }

  function settle(id: string, session: Session | undefined): void {
    loading.delete(id);
    entries.set(id, { session, readAt: now() });
  }
}

function isSame(known: Session, read: Session | undefined): boolean {
  return read !== undefined && JSON.stringify(known.grant) === JSON.stringify(read.grant);
}
