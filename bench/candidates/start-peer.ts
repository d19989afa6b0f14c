import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitPort } from '../await-port.ts';
import type { BenchFiles } from '../bench-files.ts';
import type { Launched } from '../processes.ts';
import { launch } from '../processes.ts';

export interface PeerProcess {
  /** Also that of its directory. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its configuration by file name; the directory they are in is the one it runs in. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly port: number;
  readonly files: Pick<BenchFiles, 'directory'>;
}

const lastLines = 3;

/**
 * Starts a proxy that somebody else wrote, on the core of what is measured; resolves when it listens.
 * Rejects with the last it said when it does not.
 */
export async function startPeer({ name, command, args, configuration, port, files }: PeerProcess): Promise<Launched> {
  const directory = peerDirectory(files, name);
  await mkdir(directory, { recursive: true });
  // They hold secrets and keys, if only for a minute.
  for (const [file, text] of Object.entries(configuration)) await writeFile(join(directory, file), text, { mode: 0o600 });
  const said = join(directory, 'said');
  const output = openSync(said, 'w');
  const launched = launch(command, args, {
    place: 'proxy',
    output,
    errors: output,
    cwd: directory,
    environment: environmentFor(directory),
    lastSignal: 'SIGTERM',
  });
  closeSync(output);
  try {
    await awaitPort(name, port, launched);
    return launched;
  } catch (error) {
    await launched.stop();
    const end = (await readFile(said, 'utf8')).trimEnd().split('\n').slice(-lastLines).join('\n');
    throw new Error(`${error instanceof Error ? error.message : String(error)}; it said:\n${end}`, { cause: error });
  }
}

/** Where everything of one peer lies. */
export function peerDirectory({ directory }: Pick<BenchFiles, 'directory'>, name: string): string {
  return join(directory, name.replaceAll(/[^a-z0-9-]+/g, '-'));
}

/** One core for those written in Go, and nothing left behind in the home of whoever measures. */
function environmentFor(directory: string): Readonly<Record<string, string>> {
  const home = { HOME: directory, TMPDIR: directory, XDG_CACHE_HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory };
  return { GOMAXPROCS: '1', ...home };
}
