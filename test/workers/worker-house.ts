import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Answer, LogLine } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';

const launcher = join(import.meta.dirname, '../../bin/postern');

/** `postern run` with two workers, as a process of its own. */
export interface WorkerHouse extends AsyncDisposable {
  readonly port: number;
  readonly pki: Pki;
  readonly configFile: string;
  readonly child: ChildProcess;
  readonly log: readonly LogLine[];
  readonly complaints: () => string;
  workers(): Promise<readonly WorkerRow[]>;
  /** The body of `/metrics`, `/readyz`, … */
  admin(path: string): Promise<string>;
  /** A sample of `/metrics`. */
  figure(sample: string): Promise<number | undefined>;
  logLine(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Writes another configuration of its own keys. */
  configure(config: string): Promise<void>;
  /** A connection that is kept, to this worker. */
  reach(worker: number, host: string): Promise<KeptConnection>;
  /** Resolves when both workers serve. */
  complete(): Promise<void>;
}

export interface WorkerRow {
  readonly worker: number;
  readonly pid: number;
  readonly connections: number;
}

export interface KeptConnection extends Disposable {
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export async function openWorkerHouse(config: string, given?: { readonly port?: number; readonly pki?: Pki }): Promise<WorkerHouse> {
  const [pki, port, healthPort, directory] = await Promise.all([
    given?.pki ?? makePki(),
    given?.port ?? freePort(),
    freePort(),
    mkdtemp(join(tmpdir(), 'postern-workers-')),
  ]);
  await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
  await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
  await writeFile(join(directory, 'ca-a.pem'), pki.caA.certificatePem);
  const configFile = join(directory, 'config.yaml');
  const whole = (own: string): string => configText(`workers: 2\nmetrics_address: 127.0.0.1:${healthPort}\n${own}`, port, healthPort);
  await writeFile(configFile, whole(config));
  const child = spawn(process.execPath, [launcher, 'run', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  const log: LogLine[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  const closed = once(child, 'close');

  async function admin(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${healthPort}${path}`)).text();
  }
  async function workers(): Promise<readonly WorkerRow[]> {
    return (JSON.parse(await admin('/status')) as { readonly workers: readonly WorkerRow[] }).workers;
  }
  async function logLine(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(() => {
      assert.ok(child.exitCode === null || log.some(wanted), `Postern has ended: ${complaints}`);
      return log.find(wanted);
    });
  }
  const house: WorkerHouse = {
    port,
    pki,
    configFile,
    child,
    log,
    complaints: () => complaints,
    workers,
    admin,
    logLine,
    async figure(sample) {
      const line = (await admin('/metrics')).split('\n').find((each) => each.startsWith(`${sample} `));
      return line === undefined ? undefined : Number(line.slice(sample.length + 1));
    },
    async configure(own) {
      await writeFile(`${configFile}.new`, whole(own));
      await rename(`${configFile}.new`, configFile);
    },
    async reach(worker, host) {
      const others: KeptConnection[] = [];
      try {
        for (;;) {
          const before = connectionsOf(await workers(), worker);
          const kept = connect({ port, pki }, host);
          await kept.ask('/.pomerium/');
          if (connectionsOf(await workers(), worker) > before) return kept;
          others.push(kept);
        }
      } finally {
        for (const other of others) other[Symbol.dispose]();
      }
    },
    async complete() {
      await eventually(async () => ((await workers()).length === 2 ? true : undefined));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
      await rm(directory, { recursive: true, force: true });
    },
  };
  await logLine(({ msg }) => msg === 'Postern is ready');
  return house;
}

function connectionsOf(rows: readonly WorkerRow[], worker: number): number {
  return rows.find((row) => row.worker === worker)?.connections ?? 0;
}

function connect({ port, pki }: Pick<WorkerHouse, 'port' | 'pki'>, host: string): KeptConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: pki.serverCa.certificatePem });
  return {
    async ask(path, headers = {}) {
      const request = httpsRequest({
        host: '127.0.0.1',
        port,
        path,
        agent,
        servername: host,
        headers: { host: `${host}:${port}`, ...headers },
      });
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Asks until there is an answer; fails after half a minute. */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
