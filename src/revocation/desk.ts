import type { RevocationQuestion, RevocationStatus } from '../certificate/revocation-lookup.ts';
import type { FetchBytes } from './fetch-bytes.ts';
import type { SourceJournal } from './source-journal.ts';

/** What everything that asks the network has in common. */
export interface Desk {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go forward, for how long something may take. */
  readonly clock: () => number;
  readonly fetchAnswer: FetchBytes;
  /** With places of its own: lists are long, and must not keep short answers waiting. */
  readonly fetchList: FetchBytes;
  readonly journal: SourceJournal;
}

/** One kind of source. */
export interface AskedSource {
  /** What is known; asks nobody. */
  statusOf(question: RevocationQuestion, at: number): RevocationStatus;
  /** Settles within `forMs` and never rejects. */
  ask(question: RevocationQuestion, forMs: number): Promise<void>;
  /** Asks again, in the background, what will be needed. */
  renew(at: number): void;
}
