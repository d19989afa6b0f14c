import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { canPin } from './processes.ts';

/** The machine of a measurement, without anything that tells whose it is. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly openssl: string;
  /** Undefined when it is not on the machine. */
  readonly nginx: string | undefined;
  readonly h2load: string | undefined;
  /** Whether proxy and load had cores of their own. */
  readonly pinned: boolean;
  /** How many processes wanted to run in the minute before the measurement: well above 0 means that others shared the machine. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release().split('-')[0] ?? '',
    node: process.versions.node,
    openssl: process.versions.openssl,
    nginx: nginxCommand === undefined ? undefined : /nginx\/(\S+)/.exec(said(nginxCommand, '-v'))?.[1],
    h2load: /nghttp2\/(\S+)/.exec(said('h2load', '--version'))?.[1],
    pinned: canPin,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** `nginx` where it can be called; it often lies where only root looks. Undefined when it is not on the machine. */
export const nginxCommand: string | undefined = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((command) =>
  command.startsWith('/') ? existsSync(command) : spawnSync(command, ['-v']).status === 0,
);

/** The commit that is measured; `+` behind it when files of the program differ from it. */
export function describeCommit(): string {
  const commit = said('git', 'rev-parse', '--short=10', 'HEAD').trim();
  if (commit === '') return 'unknown';
  return said('git', 'status', '--porcelain', '--', 'src', 'bin', 'package-lock.json') === '' ? commit : `${commit}+`;
}

function said(command: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', cwd: join(import.meta.dirname, '..') });
  return status === 0 ? stdout + stderr : '';
}
