import { createHash } from 'node:crypto';
import { isGuardedAlike } from './check-metrics.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsInput } from './config/read-settings.ts';
import { readConfiguration } from './read-configuration.ts';
import type { Settings, SettingsDocument } from './config/settings.ts';
import type { Program } from './program.ts';
import type { SnapshotServices } from './services.ts';
import { buildSnapshot } from './snapshot.ts';

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
  const built = await buildSnapshot(document, services);
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

/** What the sockets and the store were opened with stays until the next start; whoever changed it has to know. */
function settingsThatNeedRestart(document: SettingsDocument, before: Settings): readonly string[] {
  const after = document.settings;
  // Other secrets and certificates are followed as long as they are of the same kinds: a server with TLS can't be made out of one without.
  const isFollowed = before.metrics !== undefined && after.metrics !== undefined && isGuardedAlike(before.metrics, after.metrics);
  const [guarded, guarding] = isFollowed ? [] : [before.metrics, after.metrics];
  const pairs = {
    address: [before.address, after.address],
    insecure_server: [before.insecureServer, after.insecureServer],
    http_redirect_addr: [before.httpRedirectAddress, after.httpRedirectAddress],
    use_proxy_protocol: [before.useProxyProtocol, after.useProxyProtocol],
    timeout_read: [before.timeouts.readMs, after.timeouts.readMs],
    timeout_write: [before.timeouts.writeMs, after.timeouts.writeMs],
    timeout_idle: [before.timeouts.idleMs, after.timeouts.idleMs],
    metrics_address: [before.metrics?.address, after.metrics?.address],
    metrics_basic_auth: [guarded?.basicAuth?.reveal(), guarding?.basicAuth?.reveal()],
    metrics_certificate: [guarded?.certificate?.certificate.text, guarding?.certificate?.certificate.text],
    metrics_client_ca: [guarded?.clientCa?.text, guarding?.clientCa?.text],
    health_check_addr: [before.healthCheckAddress, after.healthCheckAddress],
    state_directory: [before.stateDirectory, after.stateDirectory],
    log_level: [before.logLevel, after.logLevel],
  };
  return Object.entries(pairs).flatMap(([key, [old, next]]) => (JSON.stringify(old) === JSON.stringify(next) ? [] : [key]));
}

/** Names a configuration in the metrics; a hash of what was read, secrets left out by their own JSON form. */
export function configHash(document: SettingsDocument): string {
  return createHash('sha256').update(JSON.stringify(document.settings)).digest('hex');
}

function problemText({ message, place }: Problem): string {
  if (place === undefined) return message;
  return place.kind === 'file' ? `${place.file}:${place.line}:${place.column} ${message}` : `${place.variable}: ${message}`;
}
