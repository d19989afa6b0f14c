import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureVersion } from 'node:tls';
import type { Problem } from '../../src/config/problem.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import type { ListenerLimits } from '../../src/listener/listener-limits.ts';
import type { OverloadLimits } from '../../src/overload-watch.ts';
import type { Server } from '../../src/serve.ts';
import { serve } from '../../src/serve.ts';
import type { Pki } from './pki.ts';
import { freePort } from '../free-ports.ts';
import { makePki } from './pki.ts';

/** A whole Postern over real sockets, with a configuration in a directory of its own. */
export interface House extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  readonly configFile: string;
  readonly pki: Pki;
  readonly server: Server;
  /** Log lines so far, parsed. */
  readonly log: readonly LogLine[];
  /** The same as they were written, line ends included. */
  readonly rawLog: readonly string[];
  /** Problems of refused reloads, and warnings. */
  readonly problems: readonly Problem[];
  /** Waits until a log line satisfies `wanted`; fails after five seconds. */
  logLine(wanted: (line: LogLine) => boolean): Promise<LogLine>;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface HouseOptions {
  /** The YAML after the keys every house has; `{{port}}` is the port it will listen on. */
  readonly config: string;
  readonly pki?: Pki;
  /** From `freePort()`, where something outside has to know it beforehand. */
  readonly port?: number;
  /** From `freePort()`, for a test that asks for `/readyz`. */
  readonly healthPort?: number;
  /** Shortened, where a test waits for one. */
  readonly limits?: Partial<ListenerLimits> | undefined;
  readonly overload?: Partial<OverloadLimits> | undefined;
  /** How often what is being forwarded is judged again. */
  readonly judgeEveryMs?: number | undefined;
}

/** Certificates lie beside the configuration as `server.pem`, `server.key`, `ca-a.pem`, `ca-b.pem`. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const pki = options.pki ?? (await makePki());
  const directory = await mkdtemp(join(tmpdir(), 'postern-house-'));
  await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
  await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
  await writeFile(join(directory, 'ca-a.pem'), pki.caA.certificatePem);
  await writeFile(join(directory, 'ca-b.pem'), pki.caB.certificatePem);
  const configFile = join(directory, 'config.yaml');
  const configuration = configText(options.config, options.port ?? (await freePort()), options.healthPort);
  await writeFile(configFile, configuration);
  const log: LogLine[] = [];
  const rawLog: string[] = [];
  const problems: Problem[] = [];
  const served = await serve({
    file: configFile,
    environment: undefined,
    now: () => Date.now(),
    limits: options.limits,
    overload: options.overload,
    judgeEveryMs: options.judgeEveryMs,
    writeLog(line) {
      rawLog.push(line);
      log.push(JSON.parse(line) as LogLine);
    },
    showProblems: (found) => void problems.push(...found),
  });
  assert.ok(served.ok, served.ok ? '' : served.problems.map(({ message }) => message).join('\n'));
  const { server } = served;
  const port = server.addresses[0]?.port ?? 0;
  return {
    port,
    directory,
    configFile,
    pki,
    server,
    log,
    rawLog,
    problems,
    async logLine(wanted) {
      const deadline = Date.now() + 5000;
      for (;;) {
        const found = log.find(wanted);
        if (found !== undefined) return found;
        if (Date.now() > deadline) throw new Error(`no such log line among ${log.length}: ${JSON.stringify(log.slice(-5))}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async [Symbol.asyncDispose]() {
      await server.stop(0);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The keys that every house has, and then its own. */
export function configText(own: string, port: number, healthPort: number = 0): string {
  const common = [
    `address: 127.0.0.1:${port}`,
    `health_check_addr: 127.0.0.1:${healthPort}`,
    'certificates: [{cert: server.pem, key: server.key}]',
  ];
  return [...common, own.replaceAll('{{port}}', String(port)), ''].join('\n');
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly client?: Pick<Issued, 'certificatePem' | 'keyPem'> | undefined;
  /** The `Host` sent, when it is not the URL's. */
  readonly host?: string;
  /** The SNI sent, when it is not the URL's host; empty: none. */
  readonly sni?: string;
  readonly maxVersion?: SecureVersion;
}

/** One request over a connection of its own; the URL's host is looked up nowhere, everything goes to the house on loopback. */
export function ask(house: Pick<House, 'port' | 'pki'>, url: string, options: AskOptions = {}): Promise<Answer> {
  const { hostname, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: house.port,
        servername: options.sni ?? hostname,
        path: pathname + search,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? `${hostname}:${house.port}`, ...options.headers } as Record<string, string>,
        ca: house.pki.serverCa.certificatePem,
        agent: false,
        maxVersion: options.maxVersion,
        // The name in the certificate is compared by tests that are about it; here only the chain counts.
        checkServerIdentity: () => undefined,
        ...(options.client === undefined ? {} : { cert: options.client.certificatePem, key: options.client.keyPem }),
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}
