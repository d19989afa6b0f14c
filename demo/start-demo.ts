import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../src/config/problem.ts';
import { writeProblems } from '../src/config/write-problems.ts';
import { serve } from '../src/serve.ts';
import { writeDemoConfig } from './demo-config.ts';
import { prepareState } from './demo-state.ts';
import { openEchoApp } from './echo-app.ts';
import { openProvider } from './provider.ts';
import { lockState } from './state-lock.ts';
import { openVerifyApp } from './verify-app.ts';

export interface Demo {
  readonly port: number;
  readonly issuer: string;
  readonly metricsUrl: string;
  readonly healthUrl: string;
  /** Whether certificates of an earlier start were replaced, so that browsers have to import them again. */
  readonly replaced: boolean;
  /** Nothing runs and no port is taken afterwards. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Where all state is. */
  readonly directory: string;
  /** Postern's; the provider, metrics and health checks take the three after it. */
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Starts provider, applications and Postern, all on loopback; throws with nothing left running when one of them can't. */
export async function startDemo({ directory, port, now }: DemoOptions): Promise<Demo> {
  await using opened = new AsyncDisposableStack();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  opened.use(lockState(directory));
  const hadState = existsSync(join(directory, 'ca.pem'));
  const { caPem, madeAnew } = await prepareState(directory, now());
  const provider = opened.use(await openProvider({ port: port + 1, posternPort: port }));
  const verify = opened.use(await openVerifyApp({ posternPort: port, caPem }));
  const echo = opened.use(await openEchoApp());
  const [metricsPort, healthPort] = [port + 2, port + 3];
  const file = join(directory, 'config.yaml');
  const config = writeDemoConfig({ port, metricsPort, healthPort, provider, upstreamPorts: { verify: verify.port, echo: echo.port } });
  // It holds the secret that the provider and Postern share.
  writeFileSync(file, config, { mode: 0o600 });
  const log = opened.use(openLogFile(join(directory, 'postern.log')));
  const served = await serve({
    file,
    environment: undefined,
    now,
    writeLog: log.write,
    showProblems(problems) {
      if (problems.length === 0) return;
      log.write(JSON.stringify({ level: 'warn', msg: 'Problems', problems: problems.map(({ message }) => message) }));
    },
  });
  if (!served.ok) throw new Error(`${file} has problems:\n${tell(served.problems)}`);
  opened.defer(() => served.server.stop(graceMs));
  const running = opened.move();
  return {
    port,
    issuer: provider.issuer,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    healthUrl: `http://127.0.0.1:${healthPort}/healthz`,
    replaced: hadState && madeAnew,
    stop: () => running.disposeAsync(),
  };
}

const graceMs = 300;

function tell(problems: readonly Problem[]): string {
  return writeProblems(problems, { colour: false });
}

function openLogFile(file: string): Disposable & { readonly write: (line: string) => void } {
  const descriptor = openSync(file, 'w', 0o600);
  return {
    write: (line) => void writeSync(descriptor, `${line}\n`),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
