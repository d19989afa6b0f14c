import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '../walk/house.ts';
import type { Fault, Vitals } from './fault.ts';

const root = join(import.meta.dirname, '../..');

/** `node bin/postern run` as a process of its own, so that signals and `kill -9` are what they are. */
export interface PosternProcess extends AsyncDisposable {
  readonly pid: number;
  /** Lines of all its lives so far, parsed; a line that is no JSON object is a complaint. */
  readonly log: readonly LogLine[];
  /** Standard error of all its lives. */
  readonly complaints: () => string;
  /** Resolves once it is ready; rejects with what it wrote to standard error when it ends instead. */
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** How this life ended. */
  ended(): Promise<Ended>;
  /** Resolves when the fault is in force. */
  suffer(fault: Fault): Promise<Vitals>;
  /** Replaces the configuration in one step, as editors and orchestrators do. */
  configure(text: string): Promise<void>;
  logLine(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Alive, and nothing happened that nobody foresaw. */
  assertSound(): void;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PosternOptions {
  readonly configFile: string;
  /** A program and its first arguments that is to become Postern at its end: another view of the file system, limits. */
  readonly wrapper?: readonly string[];
  /** Which lines of the log to keep; all of them when left out. */
  readonly keep?: (line: LogLine) => boolean;
}

export function openPostern({ configFile, wrapper = [], keep = () => true }: PosternOptions): PosternProcess {
  const log: LogLine[] = [];
  let complaints = '';
  let child: ChildProcess | undefined;
  let ended: Promise<Ended> = Promise.resolve({ status: 0, signal: null });

  async function start(): Promise<void> {
    const begun = log.length;
    const told = complaints.length;
    const switches = ['--expose-gc', '--import', join(import.meta.dirname, 'fault-switch.ts')];
    const [program, ...args] = [...wrapper, process.execPath, ...switches, join(root, 'bin/postern'), 'run', '--config', configFile];
    const started = spawn(program ?? process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    child = started;
    ended = new Promise((resolve) => started.once('close', (status, signal) => resolve({ status, signal })));
    const readLine = (line: string): void => {
      try {
        const said = JSON.parse(line) as LogLine;
        if (keep(said)) log.push(said);
      } catch {
        complaints += `on standard output: ${line}\n`;
      }
    };
    started.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    if (started.stdout !== null) eachLine(started.stdout, readLine);
    const life = { isOver: false };
    const over = ended.then((how) => {
      life.isOver = true;
      return assert.fail(`Postern ended with ${JSON.stringify(how)}: ${complaints.slice(told)}`);
    });
    await Promise.race([awaitLine(({ msg }) => msg === 'Postern is ready', { from: begun, until: () => life.isOver }), over]);
  }

  async function awaitLine(wanted: (line: LogLine) => boolean, { from = 0, until = (): boolean => false } = {}): Promise<LogLine> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const found = log.slice(from).find(wanted);
      if (found !== undefined) return found;
      if (until() || performance.now() > deadline)
        assert.fail(`no such log line; the last ones: ${JSON.stringify(log.slice(-5))} ${complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async function end(name: NodeJS.Signals): Promise<void> {
    child?.kill(name);
    await ended;
  }

  return {
    get pid() {
      return child?.pid ?? 0;
    },
    log,
    complaints: () => complaints,
    start,
    kill: () => end('SIGKILL'),
    signal: (name) => void child?.kill(name),
    ended: () => ended,
    async suffer(fault) {
      assert.ok(child !== undefined && child.send(fault), 'Postern can not be reached');
      const [vitals] = (await once(child, 'message')) as [Vitals];
      return vitals;
    },
    async configure(text) {
      await writeFile(`${configFile}.new`, text);
      await rename(`${configFile}.new`, configFile);
    },
    logLine: (wanted) => awaitLine(wanted),
    assertSound() {
      assert.ok(child?.exitCode === null && child.signalCode === null, `Postern has ended: ${complaints}`);
      assert.doesNotMatch(complaints, /unhandled|uncaught|^\s+at |on standard output/im);
      const unforeseen = log.filter(({ failure, msg }) => failure === 'internal' || msg === 'A fault was contained');
      assert.deepEqual(unforeseen, []);
    },
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
    },
  };
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(take);
  });
  // What a process that was killed had half written is no line.
}
