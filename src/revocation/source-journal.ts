import type { IssuedCrl } from '../certificate/crl-bundle.ts';
import type { Log } from '../observe/log.ts';
import type { AllowedSource } from './allowed-source.ts';
import type { FetchFailure } from './fetch-bytes.ts';
import type { FetchedCrlReport, RevocationReport } from './revocation-service.ts';

export type FetchKind = 'ocsp' | 'crl';

/** `ok`, or what went wrong: not asked or sent elsewhere, no answer in time, no answer, one that does not count. */
export type FetchResult = 'ok' | FetchFailure['kind'];

/** What every source did last: for the log, the metrics and `/status`. */
export interface SourceJournal {
  answered(kind: FetchKind, source: AllowedSource, list?: IssuedCrl): void;
  failed(kind: FetchKind, source: AllowedSource, failure: FetchFailure, list?: IssuedCrl): void;
  /** An address of a certificate that is not asked. */
  passedOver(named: string, explanation: string): void;
  report(): RevocationReport;
}

export interface SourceJournalOptions {
  readonly now: () => number;
  readonly log: Pick<Log, 'warn' | 'info'>;
  readonly onFetch: (kind: FetchKind, result: FetchResult) => void;
}

interface SourceRecord {
  readonly kind: FetchKind;
  readonly shown: string;
  lastSuccess: number | undefined;
  /** Undefined: the last attempt went well. */
  error: string | undefined;
  list: IssuedCrl | undefined;
  warnedAt: number;
  /** Whether the last thing that the log was told is that it fails. */
  isWarned: boolean;
}

export function openSourceJournal({ now, log, onFetch }: SourceJournalOptions): SourceJournal {
  const records = new Map<string, SourceRecord>();
  const passedOver = new Map<string, number>();

  function recordOf(kind: FetchKind, { shown }: AllowedSource): SourceRecord {
    const known = records.get(`${kind} ${shown}`);
    const record = known ?? {
      kind,
      shown,
      lastSuccess: undefined,
      error: undefined,
      list: undefined,
      warnedAt: -Infinity,
      isWarned: false,
    };
    remember(records, `${kind} ${shown}`, record);
    return record;
  }

  return {
    answered(kind, source, list) {
      onFetch(kind, 'ok');
      const record = recordOf(kind, source);
      Object.assign(record, { lastSuccess: now(), error: undefined, list });
      if (!record.isWarned) return;
      record.isWarned = false;
      log.info({ kind, source: source.shown }, 'A source of revocations answers again');
    },
    failed(kind, source, failure, list) {
      onFetch(kind, failure.kind);
      const record = recordOf(kind, source);
      record.error = failure.explanation;
      record.list = list ?? record.list;
      // One that fails for some certificates and not for others must not fill the log.
      if (record.isWarned || now() - record.warnedAt < quietMs) return;
      Object.assign(record, { isWarned: true, warnedAt: now() });
      log.warn({ kind, source: source.shown, error: failure.explanation }, 'A source of revocations gives no answer that counts');
    },
    passedOver(named, explanation) {
      const host = URL.canParse(named) ? new URL(named).host : 'malformed';
      if (now() - (passedOver.get(host) ?? -Infinity) < reminderMs) return;
      remember(passedOver, host, now());
      log.warn({ host, error: explanation }, 'A certificate names a source of revocations that is not asked');
    },
    report() {
      const all = [...records.values()];
      const ocsp = all.filter(({ kind }) => kind === 'ocsp');
      return {
        ocsp: ocsp.map(({ shown, lastSuccess, error }) => ({ url: shown, last_success: isoTime(lastSuccess), last_error: error ?? null })),
        crls: all.filter(({ kind }) => kind === 'crl').map(reportList),
      };
    },
  };
}

const quietMs = 60_000;
const reminderMs = 3_600_000;
/** Authorities choose how many addresses there are. */
const mostRemembered = 1_000;

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
}

function reportList({ shown, list, error }: SourceRecord): FetchedCrlReport {
  return {
    url: shown,
    issuer: list?.issuer ?? null,
    number: list?.number?.toString() ?? null,
    this_update: isoTime(list?.thisUpdate),
    next_update: isoTime(list?.nextUpdate),
    entries: list?.serials.size ?? null,
    error: error ?? null,
  };
}

function isoTime(at: number | undefined): string | null {
  return at === undefined || at === Infinity ? null : new Date(at).toISOString();
}
