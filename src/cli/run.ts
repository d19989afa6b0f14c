import { availableParallelism } from 'node:os';
import type { Problem } from '../config/problem.ts';
import type { SettingsInput } from '../config/read-settings.ts';
import type { Served, Server } from '../serve.ts';
import { deferUpkeep } from '../defer-upkeep.ts';
import { startProblem } from '../start-problem.ts';
import { tuneCollector } from '../tune-collector.ts';
import type { CommandIo } from './command.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput, tellUsage } from './configuration-options.ts';
import { startEarly } from './start-early.ts';

/** Longer than the whole-answer timeout of a route without one of its own, so that no ordinary request is cut. */
export const drainMs: number = 35_000;

/** `postern run`: serves until SIGTERM or SIGINT, reloads on SIGHUP. A second SIGINT or SIGTERM cuts the drain short. */
export async function runServer(args: readonly string[], io: CommandIo): Promise<number> {
  tuneCollector();
  const parsed = parseCommand(args, configurationOptions);
  if (parsed.kind === 'usage') return tellUsage(parsed, io);
  const input = settingsInput(parsed.values, io);
  if (isUsageProblem(input)) return tellUsage(input, io);
  if (parsed.positionals.length > 0) return tellUsage({ kind: 'usage', message: `Unknown argument "${parsed.positionals[0]}"` }, io);

  const signals = openSignals();
  const { writeProblems } = await import('../config/write-problems.ts');
  const showProblems = (problems: readonly Problem[]): void => io.err(writeProblems(problems, { colour: io.colour }));
  const served = await open(input, { args, now: () => io.now(), showProblems }).catch((error: unknown) => startProblem(error));
  if (typeof served === 'string') {
    io.err(`${served}\n`);
    return 1;
  }
  if (!served.ok) {
    showProblems(served.problems);
    return 1;
  }
  await signals.obeyedBy(served.server);
  return 0;
}

interface OpenOptions {
  readonly args: readonly string[];
  readonly now: () => number;
  readonly showProblems: (problems: readonly Problem[]) => void;
}

/**
 * Serves in this process, or with workers. What either needs is imported when that is known: a supervisor begins sooner without all that
 * serves requests, and its first worker is begun before the configuration is even read, where that can't be wrong.
 */
async function open(input: SettingsInput, { args, ...options }: OpenOptions): Promise<Served> {
  using _ = deferUpkeep('optimizing', 'marking');
  const machine = { parallelism: availableParallelism(), platform: process.platform };
  const start = startEarly(input, { script: process.argv[1] ?? '', args: ['worker', ...args], machine });
  const { readWithFiles } = await import('../read-with-files.ts');
  const { countWorkers } = await import('../workers/worker-count.ts');
  const { read, files } = readWithFiles(input);
  try {
    const count = read.ok ? countWorkers(read.document.settings.workers, machine) : 1;
    if (read.ok && count > 1) {
      const { supervise } = await import('../supervise.ts');
      return await supervise({ ...options, input, document: read.document, files, count, fork: start.fork });
    }
  } finally {
    start.endUnused();
  }
  const { serve } = await import('../serve.ts');
  return serve({ ...options, ...input, alreadyRead: read });
}

interface Signals {
  /** Resolves when the server has stopped. */
  obeyedBy(server: Server): Promise<void>;
}

/** Listens before anything is open: a signal that comes while the server starts is obeyed as soon as it can be. */
function openSignals(): Signals {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let server: Server | undefined;
  let stops = 0;
  const stop = (): void => {
    stops += 1;
    server?.stop(stops === 1 ? drainMs : 0).then(resolve, resolve);
  };
  const reloadNow = (): void => void server?.reload();
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', reloadNow);
  return {
    async obeyedBy(started) {
      server = started;
      if (stops > 0) server.stop(0).then(resolve, resolve);
      await stopped;
      process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', reloadNow);
    },
  };
}
