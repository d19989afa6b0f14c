import { checkConfiguration } from './check-configuration.ts';
import type { CommandIo } from './command.ts';
import type { OptionValues } from './configuration-options.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput, tellUsage } from './configuration-options.ts';
import type { Report, ReportFormat } from './write-report.ts';
import { reportFormats, writeReport } from './write-report.ts';
import { writeProblems } from '../config/write-problems.ts';

const options = { ...configurationOptions, json: { type: 'boolean' }, format: { type: 'string' }, strict: { type: 'boolean' } } as const;

/** `postern check`: every problem and finding, from the same reading and building that `run` does; no port, no network, no file written. */
export async function runCheck(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseCommand(args, options);
  if (parsed.kind === 'usage') return tellUsage(parsed, io);
  const { values, positionals } = parsed;
  const input = settingsInput(values, io);
  if (isUsageProblem(input)) return tellUsage(input, io);
  if (positionals.length > 0) return tellUsage({ kind: 'usage', message: `Unknown argument "${positionals[0]}"` }, io);
  const format = readFormat(values);
  if (typeof format !== 'string') return tellUsage(format, io);

  const findings = await checkConfiguration(input, () => io.now());
  const ok = findings.ok && !(values['strict'] === true && findings.problems.length > 0);
  return tell({ ...findings, ok }, format, io);
}

function readFormat(values: OptionValues): ReportFormat | { readonly kind: 'usage'; readonly message: string } {
  const written = values['format'] ?? (values['json'] === true ? 'json' : 'text');
  if (values['json'] === true && written !== 'json') return { kind: 'usage', message: '--json is --format json: give one of them' };
  const format = reportFormats.find((known) => known === written);
  return format ?? { kind: 'usage', message: `Unknown format ${JSON.stringify(written)}: write ${reportFormats.join(', ')}` };
}

/** Problems go to stderr whatever the format: a pipe takes the document, and somebody may be looking on. */
function tell(report: Omit<Report, 'format'>, format: ReportFormat, io: CommandIo): number {
  if (report.problems.length > 0) io.err(writeProblems(report.problems, { colour: io.colour }));
  io.out(writeReport({ ...report, format }));
  return report.ok ? 0 : 1;
}
