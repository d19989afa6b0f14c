import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from '../../src/serve.ts';
import { serve } from '../../src/serve.ts';

/** A Postern whose configuration is written whole, keys of the listener included. */
export interface Opened extends AsyncDisposable {
  readonly directory: string;
  readonly configFile: string;
  readonly server: Server;
  /** Log lines so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

export interface OpenOptions {
  readonly config: string;
  /** What lies beside the configuration: names and texts. */
  readonly files?: Readonly<Record<string, string>>;
  /** Kept when the house is closed, and not made anew; for a second house in the place of a first. */
  readonly directory?: string;
}

/** Opens a Postern in a directory of its own, with `/pomerium/` in the configuration standing for that directory. */
export async function openAt({ config, files = {}, directory: kept }: OpenOptions): Promise<Opened> {
  const directory = kept ?? (await mkdtemp(join(tmpdir(), 'postern-at-')));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
  const configFile = join(directory, 'config.yaml');
  await writeFile(configFile, config.replaceAll('/pomerium/', `${directory}/`), { mode: 0o600 });
  const log: Readonly<Record<string, unknown>>[] = [];
  const served = await serve({
    file: configFile,
    environment: undefined,
    now: () => Date.now(),
    limits: undefined,
    writeLog: (line) => void log.push(JSON.parse(line) as Readonly<Record<string, unknown>>),
    showProblems: () => {},
  });
  assert.ok(served.ok, served.ok ? '' : served.problems.map(({ message }) => message).join('\n'));
  const { server } = served;
  return {
    directory,
    configFile,
    server,
    log,
    async [Symbol.asyncDispose]() {
      await server.stop(0);
      if (kept === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
