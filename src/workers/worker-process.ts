import { fork } from 'node:child_process';
import type { Channel, Face } from './channel.ts';
import { openChannel } from './channel.ts';
import type { WorkerFace } from './worker-faces.ts';

/** One worker, from its fork on. */
export interface WorkerProcess {
  /** Undefined: it could not even be started. */
  readonly pid: number | undefined;
  readonly channel: Channel<WorkerFace>;
  /** How it ended, in words. */
  readonly ended: Promise<WorkerEnd>;
  kill(): void;
}

export interface WorkerEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started. */
  readonly error?: Error;
}

export interface WorkerProgram {
  /** The script that this process runs itself. */
  readonly script: string;
  readonly args: readonly string[];
}

/** Starts the same program once more, with the same switches of Node, the same environment and the same output. */
export function forkWorker({ script, args }: WorkerProgram, answers: Face | Promise<Face>): WorkerProcess {
  const child = fork(script, args, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { promise: ended, resolve } = Promise.withResolvers<WorkerEnd>();
  child.once('exit', (status, signal) => resolve({ status, signal }));
  // A signal that could not be sent is one as well; the first that tells of an end counts.
  child.on('error', (error) => {
    if (child.pid === undefined) resolve({ status: null, signal: null, error });
  });
  return { pid: child.pid, channel: openChannel(child, answers), ended, kill: () => void child.kill('SIGKILL') };
}
