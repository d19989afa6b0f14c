import type { Problem } from '../config/problem.ts';
import { readConfiguration } from '../read-configuration.ts';
import { writeProblems } from '../config/write-problems.ts';
import { buildSnapshot } from '../snapshot.ts';
import type { CommandIo } from './command.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput, tellUsage } from './configuration-options.ts';
import { lookingServices } from '../looking-services.ts';
import { plainProblems } from './plain-problems.ts';

/** `postern check`: every problem and warning, from the same reading and building that `run` does; no port, no network, no file written. */
export async function runCheck(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommand(args, { ...configurationOptions, json: { type: 'boolean' } });
  if (parsed.kind === 'usage') return tellUsage(parsed, io);
  const input = settingsInput(parsed.values, io);
  if (isUsageProblem(input)) return tellUsage(input, io);
  if (parsed.positionals.length > 0) return tellUsage({ kind: 'usage', message: `Unknown argument "${parsed.positionals[0]}"` }, io);

  const read = await readConfiguration(input, () => io.now());
  if (!read.ok) return tell({ ok: false, problems: read.problems, routes: 0 }, parsed.values['json'] === true, io);
  const built = await buildSnapshot(read.document, await lookingServices(() => io.now()));
  const problems = built.ok ? built.warnings : built.problems;
  if (built.ok) await built.snapshot[Symbol.asyncDispose]();
  return tell({ ok: built.ok, problems, routes: read.document.settings.routes.length }, parsed.values['json'] === true, io);
}

interface Findings {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly routes: number;
}

/** Problems go to stderr with `--json` as well: a pipe takes the document, and somebody may be looking on. */
function tell({ ok, problems, routes }: Findings, json: boolean, io: CommandIo): number {
  if (problems.length > 0) io.err(writeProblems(problems, { colour: io.colour }));
  if (json) io.out(`${JSON.stringify({ ok, routes, problems: plainProblems(problems) }, null, 2)}\n`);
  else if (ok) io.out(`The configuration is good: ${routes} ${routes === 1 ? 'route' : 'routes'}\n`);
  return ok ? 0 : 1;
}
