import { tuneCollector } from '../tune-collector.ts';
import type { CommandIo } from './command.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput, tellUsage } from './configuration-options.ts';

/** One of the processes that `postern run` starts to serve with; nothing for people to type. */
export async function runWorker(args: readonly string[], io: CommandIo): Promise<number> {
  tuneCollector();
  const parsed = parseCommand(args, configurationOptions);
  if (parsed.kind === 'usage') return tellUsage(parsed, io);
  const input = settingsInput(parsed.values, io);
  if (isUsageProblem(input)) return tellUsage(input, io);
  if (process.send === undefined) return tellUsage({ kind: 'usage', message: 'postern worker is started by postern run: run that' }, io);
  // A terminal sends its signals to all processes at once: who started this one says what is to be done.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const { work } = await import('../work.ts');
  const isDone = await work({ input, now: () => io.now(), pipe: process });
  if (process.connected) process.disconnect?.();
  return isDone ? 0 : 1;
}
