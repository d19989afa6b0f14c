import { createHash } from 'node:crypto';
import { isGuardedAlike } from './check-metrics.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsInput } from './config/read-settings.ts';
import { readConfiguration } from './read-configuration.ts';
import type { MetricsSettings, Settings, SettingsDocument } from './config/settings.ts';
import type { Program } from './program.ts';
import type { SnapshotServices } from './services.ts';
import { buildSnapshot } from './build-snapshot.ts';

export interface ReloadContext {
  readonly program: Program;
  readonly services: SnapshotServices;
  readonly input: SettingsInput;
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

/**
 * Reads and builds everything anew and puts it in force in one assignment. A configuration that is refused changes nothing:
 * the old one serves on, and one log line says everything that is wrong.
 */
export async function reload(context: ReloadContext): Promise<ReloadResult> {
  const { program, services, input } = context;
  const read = await readConfiguration(input, services.now);
  if (!read.ok) return refused(context, read.problems, read.files);
  const { document } = read;
  const built = await buildSnapshot(document, services, program.current.snapshot);
  if (!built.ok) return refused(context, built.problems, document.files);
  const unmoved = settingsThatNeedRestart(document, context.openedWith);
  program.current.swap(built.snapshot);
  program.metrics.reload('success', configHash(document));
  program.log.info({ warnings: built.warnings.map(problemText), needs_restart: unmoved }, 'The new configuration is in force');
  return { inForce: true, files: document.files };
}

function refused({ program, showProblems }: ReloadContext, problems: readonly Problem[], files: readonly string[]): ReloadResult {
  program.metrics.reload('failure', undefined);
  const errors = problems.filter(({ severity }) => severity === 'error');
  program.log.error({ problems: errors.map(problemText) }, 'The new configuration is refused; the one before it serves on');
  showProblems(problems);
  return { inForce: false, files };
}

/** Of one configuration, beside another one that it replaces or is replaced by. */
type OpeningValue = (settings: Settings, other: Settings) => unknown;

/** What the sockets, the store and the log are opened with, by key. `docs/operations.md` names the same keys, and a test compares. */
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

/** Names a configuration in the metrics; a hash of what was read, secrets left out by their own JSON form. */
export function configHash(document: SettingsDocument): string {
  return createHash('sha256').update(JSON.stringify(document.settings)).digest('hex');
}

function problemText({ message, place }: Problem): string {
  if (place === undefined) return message;
  return place.kind === 'file' ? `${place.file}:${place.line}:${place.column} ${message}` : `${place.variable}: ${message}`;
}
