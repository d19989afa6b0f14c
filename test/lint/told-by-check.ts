import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCheck } from '../../src/cli/check.ts';
import { type } from '../cli/terminal.ts';

/** What `postern check` tells of a configuration in a folder, each problem as `line code: message`. */
export async function toldByCheck(folder: string, text: string): Promise<readonly string[]> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text, { mode: 0o600 });
  const { out } = await type(runCheck, ['--no-env', '--config', file, '--format', 'json']);
  const { problems } = JSON.parse(out) as {
    readonly problems: readonly { readonly code: string; readonly line: number; readonly message: string }[];
  };
  return problems.map(({ code, line, message }) => `${line} ${code}: ${message.replaceAll(`${folder}/`, '')}`);
}
