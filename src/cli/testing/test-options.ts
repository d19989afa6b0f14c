import type { SettingsInput } from '../../config/read-settings.ts';
import type { CommandIo } from '../command.ts';
import type { UsageProblem } from '../configuration-options.ts';
import { configurationOptions, isUsageProblem, parseCommand, settingsInput } from '../configuration-options.ts';

export interface TestOptions {
  readonly input: SettingsInput;
  readonly files: readonly string[];
  readonly format: ReportFormat;
  /** Undefined: coverage is not looked at. */
  readonly coverage: { readonly least: number } | undefined;
  /** Part of a name, whatever its case; empty: every case. */
  readonly filter: string;
}

export type ReportFormat = (typeof formats)[number];

const formats = ['people', 'tap', 'junit', 'json'] as const;

const options = {
  ...configurationOptions,
  format: { type: 'string' },
  coverage: { type: 'boolean' },
  'min-coverage': { type: 'string' },
  filter: { type: 'string' },
} as const;

/** Reads the command line of `test`, or says what is wrong with it. */
export function readTestOptions(args: readonly string[], io: CommandIo): TestOptions | UsageProblem {
  const parsed = parseCommand(args, options);
  if (parsed.kind === 'usage') return parsed;
  const { values, positionals } = parsed;
  const input = settingsInput(values, io);
  if (isUsageProblem(input)) return input;
  const written = values['format'] ?? 'people';
  const format = formats.find((known) => known === written);
  if (format === undefined) return usage(`Unknown --format "${String(written)}": write ${formats.join(', ')}`);
  const least = values['min-coverage'];
  if (typeof least === 'string' && !(/^\d{1,3}$/.test(least) && Number(least) <= 100))
    return usage(`Cannot read --min-coverage "${least}": write a whole number from 0 to 100`);
  const isWanted = values['coverage'] === true || typeof least === 'string';
  const filter = typeof values['filter'] === 'string' ? values['filter'] : '';
  return { input, files: positionals, format, coverage: isWanted ? { least: Number(least ?? 0) } : undefined, filter };
}

function usage(message: string): UsageProblem {
  return { kind: 'usage', message };
}
