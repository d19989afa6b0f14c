import type { AccountLookup, LinkedAccount } from '../certificate/certificate-mapping.ts';
import type { BoundedMap } from './bounded-map.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { CertificateLinks, LinkRecord } from './certificate-links.ts';

/** What this process remembers of links, absent ones included. */
export interface LinkedAccounts {
  /** Synchronous. What was read less than a minute ago counts; half of that old, it is read again beside the request. */
  find(fingerprint: string): AccountLookup;
  /** What is remembered of a certificate ends: it was linked or unlinked here. */
  forget(fingerprint: string): void;
  /** It was linked, unlinked or used elsewhere: whoever asks next, or is waiting, reads the record anew. */
  forgetElsewhere(fingerprint: string): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

interface Entry {
  readonly account: LinkedAccount | undefined;
  readonly notAfter: number;
  readonly readAt: number;
  /** When its use was last noted, here or elsewhere. */
  readonly usedAt: number;
}

const freshMs = 60_000;
const renewAfterMs = 30_000;
const noteUseEveryMs = 3_600_000;
const limit = 10_000;

export function createLinkedAccounts(links: Omit<CertificateLinks, 'fingerprintOfKey'>, now: () => number): LinkedAccounts {
  const entries: BoundedMap<string, Entry> = createBoundedMap(limit);
  const loading = new Map<string, { readonly turn: symbol; readonly until: Promise<void> }>();
  /** Of those: what is being read for them was changed meanwhile. */
  const outdated = new Set<string>();
  const writing = new Set<Promise<void>>();

  return {
    find,
    forget(fingerprint) {
      // A read that is under way may bring what was true before.
      loading.delete(fingerprint);
      outdated.delete(fingerprint);
      entries.delete(fingerprint);
    },
    forgetElsewhere(fingerprint) {
      entries.delete(fingerprint);
      if (loading.has(fingerprint)) outdated.add(fingerprint);
    },
    async settled() {
      await Promise.allSettled(writing);
    },
  };

  function find(fingerprint: string): AccountLookup {
    const entry = entries.get(fingerprint);
    // A clock that was set back must not keep an entry fresh for longer: the distance counts, not the sign.
    const age = entry === undefined ? Infinity : Math.abs(now() - entry.readAt);
    // Where the store fails it stays so: whoever asks again is told to wait again, and never that there is no link.
    if (entry === undefined || age >= freshMs) return { kind: 'loading', until: reload(fingerprint) };
    if (age >= renewAfterMs) void reload(fingerprint);
    if (entry.account === undefined || entry.notAfter <= now()) return { kind: 'none' };
    if (Math.abs(now() - entry.usedAt) >= noteUseEveryMs) noteUse(fingerprint, entry);
    return { kind: 'account', account: entry.account };
  }

  /** Beside the request. Where it fails nothing is lost but a date. */
  function noteUse(fingerprint: string, entry: Entry): void {
    entries.set(fingerprint, { ...entry, usedAt: now() });
    const noting = links
      .noteUse(fingerprint)
      .catch(() => undefined)
      .finally(() => writing.delete(noting));
    writing.add(noting);
  }

  /** Never rejects. */
  function reload(fingerprint: string): Promise<void> {
    const underWay = loading.get(fingerprint);
    if (underWay !== undefined) return underWay.until;
    const turn = Symbol(fingerprint);
    const until = read(fingerprint, turn)
      .catch(() => undefined)
      .finally(() => {
        if (loading.get(fingerprint)?.turn !== turn) return;
        loading.delete(fingerprint);
        outdated.delete(fingerprint);
      });
    loading.set(fingerprint, { turn, until });
    return until;
  }

  async function read(fingerprint: string, turn: symbol): Promise<void> {
    const record = await links.read(fingerprint);
    if (loading.get(fingerprint)?.turn !== turn) return;
    if (outdated.delete(fingerprint)) return read(fingerprint, turn);
    entries.set(fingerprint, entryOf(record, entries.get(fingerprint)));
  }

  function entryOf(record: LinkRecord | undefined, known: Entry | undefined): Entry {
    const usedAt = Math.max(record?.lastUsedAt ?? -Infinity, known?.usedAt ?? -Infinity);
    // One object for as long as it says the same: others remember things by it.
    const account = isSame(known?.account, record?.account) ? known?.account : record?.account;
    return { account, notAfter: record?.notAfter ?? 0, readAt: now(), usedAt };
  }
}

function isSame(known: LinkedAccount | undefined, read: LinkedAccount | undefined): boolean {
  return JSON.stringify(known) === JSON.stringify(read);
}
