import { writeProblems } from '../config/write-problems.ts';
import { readConfiguration } from '../read-configuration.ts';
import { buildSnapshot } from '../build-snapshot.ts';
import type { CommandIo } from './command.ts';
import { isUsageProblem, tellUsage } from './configuration-options.ts';
import { explainRequest } from './explain-request.ts';
import { readQuestion } from './explain-options.ts';
import { lookingServices } from '../looking-services.ts';
import { plainProblems } from './plain-problems.ts';
import { noListenerFor } from './read-asked-request.ts';
import { writeExplanation } from './write-explanation.ts';

/** `postern explain`: what would become of a request and why, from the same snapshot and the same walk that the server uses. */
export async function runExplain(args: readonly string[], io: CommandIo): Promise<number> {
  const question = readQuestion(args, io);
  if (isUsageProblem(question)) return tellUsage(question, io);
  const read = await readConfiguration(question.input, () => io.now());
  // What is an error to `check` and `run` is one here, and nothing else: `--at` is when the request comes, not when the server starts.
  let time = io.now();
  const built = read.ok ? await buildSnapshot(read.document, await lookingServices(() => time)) : read;
  time = question.at;
  if (!built.ok) {
    io.err(writeProblems(built.problems, { colour: io.colour }));
    if (question.json) io.out(`${JSON.stringify({ ok: false, problems: plainProblems(built.problems) }, null, 2)}\n`);
    return 1;
  }
  if (built.warnings.length > 0) io.err(writeProblems(built.warnings, { colour: io.colour }));
  await using snapshot = built.snapshot;
  const unheard = noListenerFor(question, snapshot);
  if (unheard !== undefined)
    return tellUsage({ kind: 'usage', message: `Cannot explain "${question.scheme}://${question.rawAuthority}…": ${unheard}` }, io);
  const explanation = await explainRequest(question, snapshot);
  io.out(question.json ? `${JSON.stringify(explanation, null, 2)}\n` : writeExplanation(explanation, io.width, io.colourOut));
  return 0;
}
