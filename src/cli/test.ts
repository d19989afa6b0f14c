import type { Problem } from '../config/problem.ts';
import type { SettingsDocument } from '../config/settings.ts';
import { writeProblems } from '../config/write-problems.ts';
import { lookingServices } from '../looking-services.ts';
import { readConfiguration } from '../read-configuration.ts';
import { buildSnapshot } from '../build-snapshot.ts';
import type { CommandIo } from './command.ts';
import { isUsageProblem, tellUsage } from './configuration-options.ts';
import { plainProblems } from './plain-problems.ts';
import { recordCoverage } from './testing/coverage.ts';
import { loadSuites } from './testing/load-suites.ts';
import type { Report, SuiteResult } from './testing/report.ts';
import { countResults } from './testing/report.ts';
import type { CaseResult, CaseRunner } from './testing/run-case.ts';
import { runCase } from './testing/run-case.ts';
import { prepareCertificates } from './testing/stand-in-authorities.ts';
import type { TestSuite } from './testing/test-case.ts';
import type { TestOptions } from './testing/test-options.ts';
import { readTestOptions } from './testing/test-options.ts';
import { writeJson } from './testing/write-json.ts';
import { writeJunit, writeJunitError } from './testing/write-junit.ts';
import { writePeopleReport } from './testing/write-people-report.ts';
import { writeTap, writeTapBailOut } from './testing/write-tap.ts';

/**
 * `postern test`: asks `explain` about every request of the tests and compares. Status 0 when all came out as expected, 1 when one
 * did not or something could not be read, 2 for a wrong command line. No port, no network, no file written.
 */
export async function runTest(args: readonly string[], io: CommandIo): Promise<number> {
  const options = readTestOptions(args, io);
  if (isUsageProblem(options)) return tellUsage(options, io);
  const read = await readConfiguration(options.input, () => io.now());
  if (!read.ok) return tellProblems(read.problems, options, io);
  const { document } = read;
  // What is an error to `check` and `run` is one here: with the configuration as it stands, before any stand-in.
  const built = await buildSnapshot(document, await lookingServices(() => io.now()));
  if (!built.ok) return tellProblems(built.problems, options, io);
  await built.snapshot[Symbol.asyncDispose]();
  const { suites, problems } = loadSuites({ document, configFile: options.input.file, files: options.files, now: io.now() });
  if (problems.length > 0) return tellProblems([...problems, ...built.warnings], options, io);
  if (built.warnings.length > 0) io.err(writeProblems(built.warnings, { colour: io.colour }));
  const chosen = filterCases(suites, options.filter);
  if (chosen.length === 0) {
    io.err(`No test has ${JSON.stringify(options.filter)} in its name\n`);
    return 1;
  }
  return tellReport(await runSuites(chosen, document, { options, io }), options, io);
}

function filterCases(suites: readonly TestSuite[], filter: string): readonly TestSuite[] {
  const wanted = filter.toLowerCase();
  return suites
    .map(({ file, cases }) => ({ file, cases: cases.filter(({ name }) => name.toLowerCase().includes(wanted)) }))
    .filter(({ cases }) => cases.length > 0);
}

interface Running {
  readonly options: TestOptions;
  readonly io: CommandIo;
}

async function runSuites(suites: readonly TestSuite[], document: SettingsDocument, { options, io }: Running): Promise<Report> {
  const started = io.now();
  const choices = suites.flatMap(({ cases }) => cases.flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate])));
  const prepared = await prepareCertificates(new Set(choices), document, started);
  let time = started;
  const built = await buildSnapshot(prepared.document, await lookingServices(() => time));
  if (!built.ok) throw new Error(`Cannot build the configuration with stand-in authorities: ${built.problems[0]?.message}`);
  await using snapshot = built.snapshot;
  const recorder = options.coverage === undefined ? undefined : recordCoverage(snapshot);
  const runner: CaseRunner = {
    snapshot,
    presented: (choice) => prepared.presented(choice),
    setClock: (at) => (time = at),
    now: () => io.now(),
    see: (explained) => recorder?.see(explained),
  };
  const results = await runAll(suites, runner, io);
  return { suites: results, coverage: recorder?.report(document.locate), ms: io.now() - started };
}

/** One after the other: the clock is shared, and nothing of it waits for anything. */
async function runAll(suites: readonly TestSuite[], runner: CaseRunner, io: CommandIo): Promise<readonly SuiteResult[]> {
  const all = suites.reduce((sum, { cases }) => sum + cases.length, 0);
  const done: SuiteResult[] = [];
  let count = 0;
  for (const { file, cases } of suites) {
    const results: CaseResult[] = [];
    for (const testCase of cases) {
      results.push(await runCase(testCase, runner));
      count += 1;
      // To whoever looks on, and never into a file.
      if (io.colour && count % progressStep === 0 && count < all) io.err(`\r${count} of ${all} cases\u001b[K`);
    }
    done.push({ file, results });
  }
  if (io.colour && all > progressStep) io.err('\r\u001b[K');
  return done;
}

const progressStep = 1000;

function tellReport(report: Report, { format, coverage }: TestOptions, io: CommandIo): number {
  io.out(writeReport(report, format, io));
  const least = coverage?.least ?? 0;
  const reached = report.coverage?.percent ?? 100;
  if (reached < least) io.err(`Coverage is ${reached} %, and --min-coverage asks for ${least} %\n`);
  return reached < least || countResults(report.suites).failed > 0 ? 1 : 0;
}

function writeReport(report: Report, format: TestOptions['format'], io: CommandIo): string {
  switch (format) {
    case 'people':
      return writePeopleReport(report, { columns: io.width, colour: io.colourOut === true });
    case 'tap':
      return writeTap(report);
    case 'junit':
      return writeJunit(report);
    case 'json':
      return writeJson(report);
  }
}

/** On stderr for people whatever the format; whoever reads stdout is told in its own. */
function tellProblems(problems: readonly Problem[], { format }: TestOptions, io: CommandIo): number {
  io.err(writeProblems(problems, { colour: io.colour }));
  const plain = writeProblems(problems, { colour: false });
  if (format === 'json') io.out(`${JSON.stringify({ ok: false, problems: plainProblems(problems) }, null, 2)}\n`);
  if (format === 'tap') io.out(writeTapBailOut(plain.split('\n', 1)[0] ?? ''));
  if (format === 'junit') io.out(writeJunitError(plain));
  return 1;
}
