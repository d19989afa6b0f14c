// The demo: `npm start`, or `PORT=9443 npm start`. Postern with a provider, three people, two applications and seven hosts, on this machine
// only. An argument names another directory for its state than `.postern`.

import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeIntroduction } from './introduction.ts';
import { startDemo } from './start-demo.ts';
import { StateIsInUse } from './state-lock.ts';

const defaultPort = 8443;
const lastPort = 65_532;

const startedAt = performance.now();
const directory = resolve(process.argv[2] ?? fileURLToPath(new URL('../.postern', import.meta.url)));
const port = readPort(process.env['PORT']);
if (port === undefined) fail(`PORT is "${process.env['PORT']}": write a number from 1 to ${lastPort}, or leave it out for ${defaultPort}`);
else await run(port);

async function run(chosenPort: number): Promise<void> {
  // Listened for from here on: whoever presses Ctrl-C while the demo starts, or the moment it is ready, stops it in order, too.
  const stopped = firstSignal();
  try {
    const demo = await startDemo({ directory, port: chosenPort, now: () => Date.now() });
    process.stdout.write(writeIntroduction({ ...demo, directory: relative(process.cwd(), directory) || '.' }));
    process.stdout.write(`\nReady after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
    const signal = await stopped;
    process.stdout.write(`\n${signal === 'SIGINT' ? 'Stopping' : `Stopping on ${signal}`} … `);
    await demo.stop();
    process.stdout.write('done.\n');
  } catch (error) {
    fail(explain(error, chosenPort));
  }
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return defaultPort;
  const number = Number(text);
  return /^\d{1,5}$/.test(text) && number >= 1 && number <= lastPort ? number : undefined;
}

/** A terminal sends its signal to every process of the group, and parents pass it on: the second and third mean the same as the first. */
function firstSignal(): Promise<string> {
  return new Promise((received) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => received(signal));
  });
}

function explain(error: unknown, chosenPort: number): string {
  const { code, port: takenPort, path } = (error ?? {}) as { code?: unknown; port?: unknown; path?: unknown };
  if (code === 'EADDRINUSE') {
    return `Port ${String(takenPort)} is taken by another program: stop that one, or move the demo with PORT=${chosenPort + 1000} npm start (it takes four ports, ${chosenPort} to ${chosenPort + 3} now)`;
  }
  if (code === 'EACCES' && path === undefined)
    return `Port ${String(takenPort)} may not be used without special rights: choose one above 1023, as in PORT=8443 npm start`;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StateIsInUse) return message;
  return `The demo cannot start: ${message}; if its state is broken, remove ${relative(process.cwd(), directory) || directory} and start again`;
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
