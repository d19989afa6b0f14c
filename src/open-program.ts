import { buildSnapshot } from './build-snapshot.ts';
import { certificateEnds } from './certificate-ends.ts';
import { certificateHosts } from './certificate-hosts.ts';
import { trustsOf } from './certificate-status.ts';
import { selfSignedFallback } from './certificate/self-signed-fallback.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsResult } from './config/read-settings.ts';
import type { Settings, SettingsDocument } from './config/settings.ts';
import { createCurrent } from './current.ts';
import { readOrMakeSecrets } from './identity/secrets.ts';
import { openLiveStreams } from './judge-stream.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { processFigures } from './observe/process-figures.ts';
import type { Program } from './program.ts';
import { openRevocation } from './revocation/open-revocation.ts';
import type { SnapshotServices } from './services.ts';
import { createSharedResources } from './shared-resources.ts';
import { openMemoryStore } from './store/memory-store.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';

export interface ProgramOptions {
  readonly read: () => Promise<SettingsResult>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes each log line; undefined: standard output. */
  readonly writeLog?: ((line: string) => void) | undefined;
  /** How often what is being forwarded is judged again; the usual two seconds when left out. */
  readonly judgeEveryMs?: number | undefined;
  /** Where there are other workers: what is shared with them, in place of what is opened and made here. */
  readonly shares?: ProgramShares | undefined;
}

export interface ProgramShares {
  /** Undefined: made here, for the others as well. */
  readonly parts: Pick<SnapshotServices, 'secrets' | 'fallbackCertificate'> | undefined;
  openStore(settings: Settings): Store;
  /** One of them counts for all what is one and the same for all. */
  readonly countsSessions: boolean;
}

export interface OpenedProgram {
  readonly ok: true;
  readonly program: Program;
  readonly services: SnapshotServices;
  readonly document: SettingsDocument;
  readonly warnings: readonly Problem[];
  /** Closes everything; nothing may be served any more. */
  close(): Promise<void>;
}

/** Everything that serves but the doors. Answers the problems of the configuration, with nothing left open, where there are any. */
export async function openProgram(
  options: ProgramOptions,
): Promise<OpenedProgram | { readonly ok: false; readonly problems: readonly Problem[] }> {
  const read = await options.read();
  if (!read.ok) return read;
  const services = await openServices(read.document, options);
  const built = await buildSnapshot(read.document, services);
  if (!built.ok) {
    await closeServices(services);
    return built;
  }
  const { log, metrics, now } = services;
  const current = createCurrent(built.snapshot, (error) => log.error({ error }, 'Cannot close what an old configuration had open'));
  const streams = openLiveStreams({ current, log, metrics, now }, options.judgeEveryMs);
  if (options.shares?.countsSessions ?? true) metrics.sessions(() => current.snapshot.identity.sessionCount());
  for (const [name, figure] of [...certificateEnds(() => current.snapshot), ...processFigures]) metrics.figure(name, figure);
  return {
    ok: true,
    program: { current, log, metrics, streams, now },
    services,
    document: read.document,
    warnings: built.warnings,
    async close() {
      streams[Symbol.dispose]();
      await current.close();
      await closeServices(services);
    },
  };
}

async function openServices({ settings }: SettingsDocument, { now, writeLog, shares }: ProgramOptions): Promise<SnapshotServices> {
  const log = createLog({ level: settings.logLevel, write: writeLog, sharesOutput: shares !== undefined, now });
  const metrics = createMetrics();
  const parts = shares?.parts ?? {
    secrets: secretsOf(settings, (file) =>
      log.warn({ file }, 'Others could read the secrets; the file is private now. Whoever read them can make sessions: replace them'),
    ),
    fallbackCertificate: selfSignedFallback(['postern.invalid'], now()),
  };
  return {
    ...parts,
    now,
    log,
    metrics,
    store: shares === undefined ? openStore(settings, now) : shares.openStore(settings),
    resources: createSharedResources(),
    revocation: openRevocation({ now, log, onFetch: (kind, result) => metrics.revocationFetch(kind, result) }),
  };
}

function secretsOf({ stateDirectory, sharedSecrets, cookie }: Settings, onLooseFile: (file: string) => void): SnapshotServices['secrets'] {
  return readOrMakeSecrets({ stateDirectory, shared: sharedSecrets, cookie: cookie.secrets, onLooseFile });
}

function openStore({ stateDirectory }: Settings, now: () => number): Store {
  return stateDirectory === undefined ? openMemoryStore({ now }) : openSqliteStore({ directory: stateDirectory, now });
}

async function closeServices({ revocation, store }: SnapshotServices): Promise<void> {
  await revocation[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
}

/** Once, at the start: which host asks for which certificates, and why. Nothing where none does. */
export function tellHosts({ current, log }: Program, { locate }: SettingsDocument): void {
  // Without a CA nobody is asked for anything, and thousands of routes need not be gone through to find that out.
  if (trustsOf(current.snapshot).length === 0) return;
  const hosts = certificateHosts(current.snapshot, locate).filter(({ asks }) => asks !== 'no');
  if (hosts.length > 0) log.info({ hosts }, 'Client certificates by host');
}
