import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process that a fault may end: an upstream, a provider. It says `ready` once it listens. */
export interface ChildProgram extends AsyncDisposable {
  /** With SIGKILL: it says goodbye to nobody. Resolves when it is gone. */
  kill(): Promise<void>;
  /** The same program on the same port again. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** `file` is a program of this folder. */
export async function startProgram(file: string, args: readonly string[]): Promise<ChildProgram> {
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [join(import.meta.dirname, file), ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
    child = started;
    await Promise.race([
      once(started.stdout, 'data'),
      once(started, 'exit').then(([status]) => {
        throw new Error(`${file} ended with status ${String(status)} before it was ready`);
      }),
    ]);
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  await start();
  return { kill, start, signal: (name) => void child?.kill(name), [Symbol.asyncDispose]: kill };
}
