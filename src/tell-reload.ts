import type { ConfigHash } from './config-hash.ts';
import type { Problem } from './config/problem.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';

interface Observers {
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly metrics: Pick<Metrics, 'reload'>;
}

export interface InForce {
  readonly hash: ConfigHash;
  readonly warnings: readonly Problem[];
  /** The keys that were changed and wait for the next start. */
  readonly needsRestart: readonly string[];
}

/** One line for each configuration that is read again, and one for the metrics. */
export function tellInForce({ log, metrics }: Observers, { hash, warnings, needsRestart }: InForce): void {
  metrics.reload('success', hash);
  log.info({ warnings: warnings.map(problemText), needs_restart: needsRestart }, 'The new configuration is in force');
}

export function tellRefused({ log, metrics }: Observers, problems: readonly Problem[]): void {
  metrics.reload('failure', undefined);
  const errors = problems.filter(({ severity }) => severity === 'error');
  log.error({ problems: errors.map(problemText) }, 'The new configuration is refused; the one before it serves on');
}

/** Nobody foresaw it, so nobody may be taken down by it: the configuration in force stays. */
export function tellReloadFailed({ log, metrics }: Observers, error: unknown): void {
  metrics.reload('failure', undefined);
  log.error({ error }, 'Cannot read or build the new configuration; the one before it serves on');
}

/** A problem with its place, in one line. */
export function problemText({ message, place }: Problem): string {
  if (place === undefined) return message;
  return place.kind === 'file' ? `${place.file}:${place.line}:${place.column} ${message}` : `${place.variable}: ${message}`;
}
