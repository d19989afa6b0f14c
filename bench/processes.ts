import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * What is measured runs on a core of its own (`proxy`); load, upstream and everything else share the others (`load`). `two proxies`
 * are two cores where a third is left for the load, and `everywhere` is no place at all.
 */
export type Place = 'proxy' | 'two proxies' | 'load' | 'everywhere';

const all = availableParallelism();
const cores: Readonly<Record<Place, string>> = {
  proxy: '0',
  'two proxies': '0,1',
  // From four cores on the load never meets the second proxy.
  load: all >= 4 ? `2-${all - 1}` : all === 3 ? '2' : '1',
  everywhere: `0-${all - 1}`,
};

/** Whether processes can be pinned: with fewer than two cores, or without taskset, everything shares what there is. */
export const canPin: boolean = all >= 2 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

const running = new Map<ChildProcess, NodeJS.Signals>();
const directories = new Set<string>();
const goodbyeMs = 3_000;

export interface Launched {
  readonly pid: number;
  /** With its status, null when a signal ended it; rejects when it could not be started. */
  readonly ended: Promise<number | null>;
  /** Ends it, with force when it takes longer than three seconds. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly place: Place;
  /** For standard output; undefined: nowhere. */
  readonly output?: number;
  /** For standard error; undefined: shown. */
  readonly errors?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sent when this program ends and can't wait: SIGKILL, but for programs whose own children would outlive that. */
  readonly lastSignal?: NodeJS.Signals;
}

/** Starts a process in its place; it ends with this program, however that ends. Errors it writes are shown. */
export function launch(command: string, args: readonly string[], options: LaunchOptions): Launched {
  const { output, errors, environment, cwd, lastSignal = 'SIGKILL' } = options;
  const [program, programArgs] = pinned(command, args, options.place);
  const child = spawn(program, programArgs, {
    stdio: ['ignore', output ?? 'ignore', errors ?? 'inherit'],
    env: { ...process.env, ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.set(child, lastSignal);
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('exit', (code) => {
    running.delete(child);
    resolve(code);
  });
  // Whoever waits meets the rejection.
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), goodbyeMs);
      await ended.catch(() => undefined);
      clearTimeout(force);
    },
  };
}

/** The command line that runs a program in its place. `taskset` becomes the program, so the process id is the program's. */
export function pinned(command: string, args: readonly string[], place: Place): readonly [string, string[]] {
  return canPin ? ['taskset', ['-c', cores[place], command, ...args]] : [command, [...args]];
}

/** Removes the directory when this program ends. */
export function removeAtEnd(directory: string): void {
  directories.add(directory);
}

/** To be called once, first of all: no process and no directory stays behind, whatever ends the program but SIGKILL. */
export function cleanUpAtEnd(): void {
  process.on('exit', () => {
    for (const [child, signal] of running) child.kill(signal);
    for (const directory of directories) remove(directory);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
}

/** Programs that end just now write and remove files themselves, and a file that is gone already ends Node's removal half way. */
function remove(directory: string): void {
  for (let attempt = 0; attempt < 20 && existsSync(directory); attempt += 1)
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
