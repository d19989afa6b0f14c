import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from '../processes.ts';
import { pinned } from '../processes.ts';

export interface LoadOrder {
  /** Of the proxy, on this machine. */
  readonly port: number;
  readonly host: string;
  /** Taken in turn. */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: 'http/1.1' | 'h2';
  readonly connections: number;
  /** Requests under way on each connection; 1 in HTTP/1.1. */
  readonly streams: number;
  readonly requests: number;
  /** The status that every answer has to have; left out: 200. */
  readonly expect?: number;
  /** Other statuses that an answer may have; `exceptions` of the result says how many had one. Own clients only. */
  readonly except?: readonly number[];
  /** Each request over a TLS connection of its own, with a full handshake. */
  readonly freshConnections?: boolean;
  /** A file that is the body of every request, which is a POST then. h2load only. */
  readonly bodyFile?: string;
  /** PEM files of the certificate that the client shows. Own clients only. */
  readonly client?: { readonly certificate: string; readonly key: string };
  /** A file with a `Cookie` on each line, which the requests take in turn. Own clients only. */
  readonly cookieFile?: string;
  /** Left out: where load belongs. */
  readonly place?: Place;
}

/** Every request of the order was answered as it says; anything else rejects, for its cost would be that of something else. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds that all but the slowest 50, 1 and 0.1 % of the requests stayed below. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Answers with a status that the order allowed besides; absent: none was allowed. */
  readonly exceptions?: number;
}

export interface LoadGenerator {
  readonly name: string;
  run(order: LoadOrder): Promise<LoadResult>;
}

const patienceMs = 240_000;

/** What a client of our own makes of its order, which it gets and answers as JSON. `file`: beside this one. */
export async function runOwnClient(file: string, order: object, place?: Place): Promise<unknown> {
  return JSON.parse(await runLoadProgram(process.execPath, [join(import.meta.dirname, file), JSON.stringify(order)], place));
}

/** What a load program prints, once it has ended well. It runs on the core of the load and not for ever. */
export function runLoadProgram(command: string, args: readonly string[], place: Place = 'load'): Promise<string> {
  const [program, programArgs] = pinned(command, args, place);
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
