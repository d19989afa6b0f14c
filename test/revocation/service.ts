import type { RevocationLookup, RevocationQuestion, RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import type { RevocationSettings } from '../../src/config/revocation-settings.ts';
import { openRevocation } from '../../src/revocation/open-revocation.ts';
import type { RevocationService } from '../../src/revocation/revocation-service.ts';
import { at } from '../certificate/frozen-times.ts';
import { settingsOf } from './authority.ts';

/** The whole room with a clock that stands still until a test moves it. */
export interface TestService extends AsyncDisposable {
  readonly service: RevocationService;
  /** Everything told, as `warn: message (error)`. */
  readonly told: string[];
  /** `ocsp ok`, `crl timeout`, … of every attempt. */
  readonly fetches: string[];
  readonly clock: { now: number };
  lookup(settings?: Partial<RevocationSettings>): RevocationLookup;
  /** What is known now. */
  ocsp(question: RevocationQuestion): RevocationStatus;
  lists(question: RevocationQuestion): RevocationStatus;
  ask(question: RevocationQuestion): Promise<void>;
}

export function openTestService(settings: Partial<RevocationSettings> = {}): TestService {
  const clock = { now: at };
  const told: string[] = [];
  const fetches: string[] = [];
  const tell =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void told.push(`${level}: ${message}${'error' in fields ? ` (${String(fields['error'])})` : ''}`);
  const service = openRevocation({
    now: () => clock.now,
    log: { warn: tell('warn'), info: tell('info') },
    onFetch: (kind, result) => fetches.push(`${kind} ${result}`),
    renewEveryMs: 5,
  });
  const usual = settingsOf(settings);
  const lookup = service.lookup(usual);
  return {
    service,
    told,
    fetches,
    clock,
    lookup: (more = {}) => service.lookup({ ...usual, ...more }),
    ocsp: (question) => lookup.statusOf(question, 'ocsp', clock.now),
    lists: (question) => lookup.statusOf(question, 'crl_distribution_points', clock.now),
    ask: (question) => lookup.ask(question),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
