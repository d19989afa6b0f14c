import { setImmediate as nextTurn } from 'node:timers/promises';
import { buildSnapshot } from './build-snapshot.ts';
import { configHash } from './config-hash.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsResult } from './config/read-settings.ts';
import type { MetricsSettings, Settings, SettingsDocument } from './config/settings.ts';
import { deferUpkeep } from './defer-upkeep.ts';
import { isGuardedAlike } from './metrics-guard.ts';
import type { Program } from './program.ts';
import type { SnapshotServices } from './services.ts';
import type { InForce } from './tell-reload.ts';
import { tellInForce, tellRefused } from './tell-reload.ts';

export interface ReloadContext {
  readonly program: Pick<Program, 'current' | 'log' | 'metrics'>;
  readonly services: SnapshotServices;
  readonly read: () => Promise<SettingsResult>;
  /** What the sockets and the store were opened with, however many reloads ago. */
  readonly openedWith: Settings;
  /** Shows the problems of a refused configuration to the operator at the terminal as well. */
  readonly showProblems: (problems: readonly Problem[]) => void;
}

export interface ReloadResult {
  readonly inForce: boolean;
  /** What was read, refused or not: the next change to any of it is worth another try. */
  readonly files: readonly string[];
}

/** A configuration that was read and built and is not in force. Exactly one of the two is called. */
export interface PreparedReload extends InForce {
  readonly ok: true;
  readonly files: readonly string[];
  /** Puts it in force, in one assignment. */
  commit(): void;
  /** Closes what was opened for it. */
  abandon(): Promise<void>;
}

export type RefusedReload = { readonly ok: false; readonly problems: readonly Problem[]; readonly files: readonly string[] };

/** Reads and builds everything anew, and changes nothing. */
export async function prepareReload(context: Omit<ReloadContext, 'showProblems'>): Promise<PreparedReload | RefusedReload> {
  // Not marking: to look through the heap in one go would keep those waiting who are served meanwhile.
  using _ = deferUpkeep('optimizing');
  const { program, services } = context;
  const read = await context.read();
  if (!read.ok) return { ok: false, problems: read.problems, files: read.files };
  const { document } = read;
  // Reading and building thousands of routes takes some tenths of a second each: requests that came meanwhile are served in between. What
  // sockets have to tell is looked at between one immediate and the next.
  await nextTurn();
  await nextTurn();
  const built = await buildSnapshot(document, services, program.current.snapshot);
  if (!built.ok) return { ok: false, problems: built.problems, files: document.files };
  return {
    ok: true,
    files: document.files,
    hash: configHash(document),
    warnings: built.warnings,
    needsRestart: settingsThatNeedRestart(document, context.openedWith),
    commit: () => program.current.swap(built.snapshot),
    abandon: async () => built.snapshot[Symbol.asyncDispose](),
  };
}

/**
 * Reads and builds everything anew and puts it in force in one assignment. A configuration that is refused changes nothing:
 * the old one serves on, and one log line says everything that is wrong.
 */
export async function reload(context: ReloadContext): Promise<ReloadResult> {
  const prepared = await prepareReload(context);
  if (prepared.ok) {
    prepared.commit();
    tellInForce(context.program, prepared);
  } else {
    tellRefused(context.program, prepared.problems);
    context.showProblems(prepared.problems);
  }
  return { inForce: prepared.ok, files: prepared.files };
}

/** Of one configuration, beside another one that it replaces or is replaced by. */
type OpeningValue = (settings: Settings, other: Settings) => unknown;

/** What the sockets, the store, the log and the workers are opened with, by key. `docs/operations.md` names the same keys, and a test compares. */
export const openedOnce: Readonly<Record<string, OpeningValue>> = {
  address: ({ address }) => address,
  insecure_server: ({ insecureServer }) => insecureServer,
  http_redirect_addr: ({ httpRedirectAddress }) => httpRedirectAddress,
  use_proxy_protocol: ({ useProxyProtocol }) => useProxyProtocol,
  timeout_read: ({ timeouts }) => timeouts.readMs,
  timeout_write: ({ timeouts }) => timeouts.writeMs,
  timeout_idle: ({ timeouts }) => timeouts.idleMs,
  metrics_address: ({ metrics }) => metrics?.address,
  metrics_basic_auth: unlessFollowed(({ basicAuth }) => basicAuth?.reveal()),
  metrics_certificate: unlessFollowed(({ certificate }) => certificate?.certificate.text),
  metrics_client_ca: unlessFollowed(({ clientCa }) => clientCa?.text),
  health_check_addr: ({ healthCheckAddress }) => healthCheckAddress,
  state_directory: ({ stateDirectory }) => stateDirectory,
  workers: ({ workers }) => workers,
  log_level: ({ logLevel }) => logLevel,
};

/** Other secrets and certificates are followed as long as they are of the same kinds: a server with TLS can't be made out of one without. */
function unlessFollowed(read: (metrics: MetricsSettings) => unknown): OpeningValue {
  return ({ metrics }, { metrics: other }) =>
    metrics === undefined || (other !== undefined && isGuardedAlike(metrics, other)) ? undefined : read(metrics);
}

/** What was opened once stays until the next start; whoever changed it has to know. */
function settingsThatNeedRestart({ settings: after }: SettingsDocument, before: Settings): readonly string[] {
  return Object.entries(openedOnce).flatMap(([key, valueOf]) =>
    JSON.stringify(valueOf(before, after)) === JSON.stringify(valueOf(after, before)) ? [] : [key],
  );
}
