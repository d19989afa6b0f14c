import { closeSync, existsSync, globSync, mkdtempSync, openSync, statSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderServer } from '../../test/identity/provider-server.ts';
import { openProvider } from '../../test/identity/provider-server.ts';
import { freePort } from '../../test/free-ports.ts';
import { configText } from '../../test/walk/house.ts';
import type { BenchFiles } from '../bench-files.ts';
import type { Launched, Place } from '../processes.ts';
import { launch } from '../processes.ts';
import { posternConfiguration, usualRoutes } from './postern-configuration.ts';

export interface PosternOptions {
  readonly files: BenchFiles;
  readonly upstreamPort: number;
  /** For Node, before the program: a profiler. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Left out: `postern`. */
  readonly name?: string;
  /** The top of the checkout it runs from; left out: this one. */
  readonly checkout?: string;
  /** Even where there is a build: in a profile its few files would say nothing about where time goes. */
  readonly fromSources?: boolean;
  /** Where at the app somebody signs in; left out: `/`. */
  readonly signInPath?: string;
  /** In YAML, instead of the usual ones. */
  readonly routes?: string;
  /** Further keys, in YAML. */
  readonly keys?: string;
  /** Left out: where proxies belong. */
  readonly place?: Place;
}

/** A Postern that could be started: its configuration in a directory of its own, and a real OpenID provider for it. */
export interface PosternProgram extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  readonly configFile: string;
  readonly provider: ProviderServer;
  /** Compiled, or from its sources. */
  readonly description: string;
  /** Writes the configuration anew, with these routes and, before the others, these keys; `{{port}}` is the port. */
  configure(routes: string, keys?: string): Promise<void>;
  /** `postern run`; it need not listen yet. */
  start(): Launched;
}

const root = join(import.meta.dirname, '../..');

/** What it opens ends with it; processes that were started are the caller's. */
export async function preparePostern(options: PosternOptions): Promise<PosternProgram> {
  const { files, upstreamPort, nodeFlags = [], environment = {}, checkout = root, place = 'proxy', fromSources = false } = options;
  const port = await freePort();
  const provider = await openProvider(`https://auth.postern.test:${port}`);
  const directory = mkdtempSync(join(files.directory, 'postern-'));
  const program = fromSources ? sourcesOf(checkout) : findProgram(checkout);
  const configFile = join(directory, 'config.yaml');
  const configure = async (routes: string, keys = options.keys ?? ''): Promise<void> => {
    await writeFile(configFile, configText(`${keys}\n${posternConfiguration(provider, routes)}`, port));
  };
  // Where `configText` looks for them.
  await copyFile(files.certificate, join(directory, 'server.pem'));
  await copyFile(files.key, join(directory, 'server.key'));
  await configure(options.routes ?? usualRoutes(upstreamPort, files.clientCa));
  return {
    port,
    directory,
    configFile,
    provider,
    description: program.description,
    configure,
    start() {
      const log = openSync(join(directory, 'access.log'), 'a');
      const args = [...nodeFlags, program.file, 'run', '--config', configFile];
      const launched = launch(process.execPath, args, { place, output: log, environment, cwd: directory });
      closeSync(log);
      return launched;
    },
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** What was compiled counts when nothing in the sources is newer than it: a stale build would measure yesterday's program. */
function findProgram(checkout: string): Program {
  const built = join(checkout, 'dist/main.js');
  const sources = globSync('src/**/*.ts', { cwd: checkout }).map((file) => statSync(join(checkout, file)).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return { file: built, description: 'compiled (dist)' };
  return sourcesOf(checkout);
}

function sourcesOf(checkout: string): Program {
  return { file: join(checkout, 'bin/postern'), description: 'from its sources (src)' };
}

interface Program {
  readonly file: string;
  readonly description: string;
}
