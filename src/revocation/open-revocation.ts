import type { Log } from '../observe/log.ts';
import type { RevocationSettings } from '../config/revocation-settings.ts';
import type { Resolve } from './checked-lookup.ts';
import { resolveBySystem } from './checked-lookup.ts';
import type { Desk } from './desk.ts';
import type { FetchBytes } from './fetch-bytes.ts';
import { createFetchBytes } from './fetch-bytes.ts';
import type { NetworkLookup } from './network-lookup.ts';
import { openNetworkLookup } from './network-lookup.ts';
import type { RevocationService } from './revocation-service.ts';
import type { FetchKind, FetchResult } from './source-journal.ts';
import { openSourceJournal } from './source-journal.ts';
import type { SlotLimits } from './take-slots.ts';
import { createSlots } from './take-slots.ts';

export interface RevocationOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Pick<Log, 'warn' | 'info'>;
  /** For the metrics: each attempt to fetch something, once. */
  readonly onFetch?: (kind: FetchKind, result: FetchResult) => void;
  /** Undefined: the system's resolver. */
  readonly resolve?: Resolve;
  /** How often it is looked for answers that will be needed again. */
  readonly renewEveryMs?: number;
}

/** Opens what asks the network about certificates; nothing is asked before somebody asks. Disposing of it ends every fetch. */
export function openRevocation(options: RevocationOptions): RevocationService {
  const { now, log, onFetch = () => {}, resolve = resolveBySystem, renewEveryMs = 1_000 } = options;
  const closed = new AbortController();
  const journal = openSourceJournal({ now, log, onFetch });
  const fetcher = (limits: SlotLimits): FetchBytes => createFetchBytes({ resolve, slots: createSlots(limits), closed: closed.signal });
  const desk: Desk = { now, clock: () => performance.now(), fetchAnswer: fetcher(answerLimits), fetchList: fetcher(listLimits), journal };
  // Weak: each reload may bring other settings, and lists of a hundred megabytes must not outlive the configuration that used them.
  const lookups = new Map<string, WeakRef<NetworkLookup>>();
  const renew = (): void => {
    for (const [key, held] of lookups) {
      const lookup = held.deref();
      if (lookup === undefined) lookups.delete(key);
      else lookup.renew(now());
    }
  };
  const timer = setInterval(renew, renewEveryMs);
  timer.unref();

  return {
    lookup(settings) {
      const key = keyOf(settings);
      const lookup = lookups.get(key)?.deref() ?? openNetworkLookup(desk, settings);
      lookups.set(key, new WeakRef(lookup));
      return lookup;
    },
    describe: () => journal.report(),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      closed.abort();
    },
  };
}

/** Mostly there is one responder, and after a start everybody's certificate is asked about at once. */
const answerLimits: SlotLimits = { atOnce: 64, atOnceOfOne: 16, waitingForOne: 1024 };
/** Few, because each may hold a hundred megabytes. */
const listLimits: SlotLimits = { atOnce: 6, atOnceOfOne: 2, waitingForOne: 64 };

/** What an answer depends on, and nothing else. */
function keyOf({ sources, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts }: RevocationSettings): string {
  const onNetwork = sources.filter((source) => source !== 'crl_file');
  return JSON.stringify([onNetwork, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts.toSorted()]);
}
