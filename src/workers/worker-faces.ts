import type { Problem } from '../config/problem.ts';
import type { SocketAddress } from '../config/settings.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { MetricDump } from '../observe/merge-metrics.ts';
import type { FileContents } from './remember-files.ts';
import type { StoreFace } from './remote-store.ts';

/** What is made once and is the same in every worker, so that what one of them gave out is good at the others. */
export interface SharedParts {
  /** Those that the configuration does not give. */
  readonly secrets: Secrets;
  /** The self-signed pair for names without a certificate. */
  readonly fallbackCertificate: { readonly certificatePem: string; readonly keyPem: string };
}

/** What a worker has to know before it can begin. */
export interface WorkerOrder {
  /** From 1; a replacement has the number of whom it replaces. */
  readonly number: number;
  /** How many workers there are to be. */
  readonly count: number;
  /** The files of the configuration in force, as they were read: what lies on the disk may be another by now. */
  readonly files: FileContents;
  /** Of the TLS session tickets. */
  readonly ticketSeed: Uint8Array;
  /** Undefined: this worker is the first and makes them. */
  readonly shared: SharedParts | undefined;
}

export interface DoorAddresses {
  /** Where to listen, with the ports that were really got. */
  readonly addresses: readonly SocketAddress[];
  readonly redirectAddress: SocketAddress | undefined;
}

/** What a worker that has built a new configuration says of it. */
export type Prepared =
  | { readonly ok: true; readonly warnings: readonly Problem[]; readonly needsRestart: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** How the supervisor is told that there is nothing to start with: problems of the configuration, or one sentence. */
export type StartFailure = { readonly problems: readonly Problem[] } | { readonly message: string };

/** What the supervisor answers to a worker. */
export type SupervisorFace = StoreFace & {
  /** Answered when the configuration has been read. */
  readonly order: () => Promise<WorkerOrder>;
  /** It has built everything and wants to listen. */
  readonly doors: (made: SharedParts) => Promise<DoorAddresses>;
  readonly ready: (warnings: readonly Problem[]) => void;
  readonly failed: (failure: StartFailure) => void;
  /** A record of the store was changed. Answered when all others know. */
  readonly changed: (key: string) => Promise<void>;
};

/** What a worker answers to the supervisor. */
export type WorkerFace = {
  /** Builds what these files say and keeps it ready. */
  readonly prepare: (files: FileContents) => Promise<Prepared>;
  /** Puts what was prepared in force. */
  readonly commit: () => void;
  readonly abandon: () => Promise<void>;
  readonly figures: () => Promise<MetricDump>;
  readonly status: () => Readonly<Record<string, unknown>>;
  /** Another worker changed a record of the store. */
  readonly changed: (key: string) => void;
  readonly ping: () => void;
  /** Answered when nothing is left; the process ends then. Called again, it changes the grace. */
  readonly stop: (graceMs: number) => Promise<void>;
};
