import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import type { SettingsInput } from '../config/read-settings.ts';
import type { CommandIo } from './command.ts';

/** The options that every command with a configuration takes. */
export const configurationOptions: ParseArgsOptionsConfig = {
  config: { type: 'string', short: 'c' },
  'no-env': { type: 'boolean' },
};

/** A command line that can't be carried out as written; the message says why. */
export interface UsageProblem {
  readonly kind: 'usage';
  readonly message: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface ParsedCommand {
  readonly kind: 'parsed';
  readonly values: OptionValues;
  readonly positionals: readonly string[];
}

/** Parses strictly; unknown options, missing values and options given twice (but for those that repeat) are told, not guessed. */
export function parseCommand(args: readonly string[], options: ParseArgsOptionsConfig): ParsedCommand | UsageProblem {
  try {
    const { values, positionals, tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
    const seen = new Set<string>();
    for (const token of tokens) {
      if (token.kind !== 'option' || options[token.name]?.multiple === true) continue;
      if (seen.has(token.name)) return { kind: 'usage', message: `--${token.name} is given twice: give it once` };
      seen.add(token.name);
    }
    return { kind: 'parsed', values, positionals };
  } catch (error) {
    return { kind: 'usage', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Where the configuration comes from; neither file nor environment is nothing to read. */
export function settingsInput(values: OptionValues, io: CommandIo): SettingsInput | UsageProblem {
  const file = values['config'];
  const environment = values['no-env'] === true ? undefined : io.environment;
  if (typeof file === 'string') return { file, environment };
  if (environment === undefined) return { kind: 'usage', message: '--no-env without --config leaves nothing to read: add --config FILE' };
  return { file: undefined, environment };
}

export function isUsageProblem(value: object): value is UsageProblem {
  return 'kind' in value && value.kind === 'usage';
}

/** Prints the problem of a command line and answers the exit status for it. */
export function tellUsage(problem: UsageProblem, io: CommandIo): number {
  io.err(`${problem.message}\nSee postern help\n`);
  return 2;
}
