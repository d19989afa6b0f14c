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
  const lookups = new Map<string, NetworkLookup>();
  const timer = setInterval(() => lookups.forEach((lookup) => lookup.renew(now())), renewEveryMs);
  timer.unref();

  return {
    lookup(settings) {
      const key = keyOf(settings);
      const lookup = lookups.get(key) ?? openNetworkLookup(desk, settings);
      lookups.delete(key);
      lookups.set(key, lookup);
      // Each reload may bring other settings. A forgotten one still answers those who hold it; only nothing is asked again beforehand.
      const [oldest] = lookups.keys();
      if (lookups.size > mostLookups && oldest !== undefined) lookups.delete(oldest);
      return lookup;
    },
    describe: () => journal.report(),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      closed.abort();
    },
  };
}

const answerLimits: SlotLimits = { atOnce: 12, atOnceOfOne: 4, waiting: 256 };
/** Few, because each may hold a hundred megabytes. */
const listLimits: SlotLimits = { atOnce: 4, atOnceOfOne: 2, waiting: 64 };
const mostLookups = 64;

/** What an answer depends on, and nothing else. */
function keyOf({ sources, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts }: RevocationSettings): string {
  const onNetwork = sources.filter((source) => source !== 'crl_file');
  return JSON.stringify([onNetwork, staleGraceMs, timeoutMs, cacheTtlMs, allowedHosts.toSorted()]);
}
