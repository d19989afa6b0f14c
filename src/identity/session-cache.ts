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
  /** Something about it was changed elsewhere: whoever asks next, or is waiting, reads the record anew. */
  forget(id: string): void;
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
  readonly weight: number;
}

const freshMs = 60_000;
const renewAfterMs = 30_000;
// Some 11,000 sessions of a provider whose tokens have a thousand letters. By weight and not by number: those of others have twenty thousand.
const limitBytes = 48 * 2 ** 20;
const clockToleranceMs = 60_000;

export function createSessionCache(records: SessionRecords, { now, longestMs }: SessionCacheOptions): SessionCache {
  const entries: BoundedMap<string, Entry> = createBoundedMap(limitBytes, ({ weight }) => weight);
  const loading = new Map<string, { readonly turn: symbol; readonly until: Promise<void> }>();
  /** Of those: what is being read for them was changed meanwhile. */
  const outdated = new Set<string>();

  return { find, load, reload, keep: (session) => settle(session.id, session), drop: (id) => settle(id, undefined), forget };

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
    const known = entries.get(id)?.session;
    if (session === undefined && known !== undefined && known.expiresAt <= now()) return endForGood(id);
    put(id, known !== undefined && isSame(known, session) ? known : session);
  }

  function forget(id: string): void {
    entries.delete(id);
    // A read that is under way may bring what was true before, and whoever waits for it waits for the next one.
    if (loading.has(id)) outdated.add(id);
  }

  function settle(id: string, session: Session | undefined): void {
    loading.delete(id);
    outdated.delete(id);
    put(id, session);
  }

  function put(id: string, session: Session | undefined): void {
    const known = entries.get(id);
    const weight = known !== undefined && known.session === session ? known.weight : weightOf(session);
    entries.set(id, { session, readAt: now(), weight });
  }
}

/**
 * About how many bytes it takes up, by measurement: what is written of the grant, once more what is made of its claims, the objects around
 * them, and the assertion and headers that others remember for as long as its person. Absent ones too are remembered at a cost.
 */
function weightOf(session: Session | undefined): number {
  return session === undefined ? absentBytes : sessionBytes + 1.5 * JSON.stringify(session.grant).length;
}

const absentBytes = 300;
const sessionBytes = 2_400;

function isSame(known: Session, read: Session | undefined): boolean {
  return read !== undefined && JSON.stringify(known.grant) === JSON.stringify(read.grant);
}
