import { spawn } from 'node:child_process';
import { pinned } from '../processes.ts';

export interface LoadOrder {
  /** Of the proxy, on this machine. */
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: 'http/1.1' | 'h2';
  readonly connections: number;
  /** Requests under way on each connection; 1 in HTTP/1.1. */
  readonly streams: number;
  readonly requests: number;
}

/** Every request of the order was answered with 200; anything else rejects, for its cost would be that of something else. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds that all but the slowest 50, 1 and 0.1 % of the requests stayed below. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface LoadGenerator {
  readonly name: string;
  run(order: LoadOrder): Promise<LoadResult>;
}

const patienceMs = 120_000;

/** What a load program prints, once it has ended well. It runs on the core of the load and not for ever. */
export function runLoadProgram(command: string, args: readonly string[]): Promise<string> {
  const [program, programArgs] = pinned(command, args, 'load');
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArgs, { stdio: ['ignore', 'pipe', 'inherit'], timeout: patienceMs, killSignal: 'SIGKILL' });
    const atEnd = (): void => void child.kill('SIGKILL');
    process.once('exit', atEnd);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', atEnd);
      if (code === 0) resolve(printed);
      else reject(new Error(`${command} ended with ${signal ?? `status ${code}`}: ${printed.slice(-500)}`));
    });
  });
}
