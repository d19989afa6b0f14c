import type { Problem } from '../config/problem.ts';
import { writeProblems } from '../config/write-problems.ts';
import type { Server } from '../serve.ts';
import { serve } from '../serve.ts';
import type { CommandIo } from './command.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput, tellUsage } from './configuration-options.ts';

/** Longer than the whole-answer timeout of a route without one of its own, so that no ordinary request is cut. */
export const drainMs: number = 35_000;

/** `postern run`: serves until SIGTERM or SIGINT, reloads on SIGHUP. A second SIGINT or SIGTERM cuts the drain short. */
export async function runServer(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommand(args, configurationOptions);
  if (parsed.kind === 'usage') return tellUsage(parsed, io);
  const input = settingsInput(parsed.values, io);
  if (isUsageProblem(input)) return tellUsage(input, io);
  if (parsed.positionals.length > 0) return tellUsage({ kind: 'usage', message: `Unknown argument "${parsed.positionals[0]}"` }, io);

  const signals = openSignals();
  const showProblems = (problems: readonly Problem[]): void => io.err(writeProblems(problems, { colour: io.colour }));
  const served = await serve({ ...input, now: () => io.now(), showProblems }).catch((error: unknown) => startProblem(error));
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

/** A port that can't be had is the operator's everyday mistake: one sentence, not a stack. */
export function startProblem(error: unknown): string {
  const { code, where } = listenError(error);
  if (code === 'EADDRINUSE') return `Cannot listen on ${where}: another program has it; stop that one or set another address`;
  if (code === 'EACCES')
    return `Cannot listen on ${where}: ports below 1024 need a permission of their own; set another address or grant CAP_NET_BIND_SERVICE`;
  if (code === 'EADDRNOTAVAIL') return `Cannot listen on ${where}: this machine has no such address`;
  return `Cannot start: ${error instanceof Error ? error.message : String(error)}`;
}

/** Node adds these to the errors of a listening socket; the type of an error knows nothing of them. */
function listenError(error: unknown): { readonly code: string; readonly where: string } {
  const told: Readonly<Record<string, unknown>> = error instanceof Error ? Object.fromEntries(Object.entries(error)) : {};
  const [code = '', address = '', port = ''] = ['code', 'address', 'port'].map((name) => {
    const value = told[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  });
  return { code, where: `${address}:${port}` };
}
