import { join } from 'node:path';
import { freePort } from '../test/walk/house.ts';
import { awaitPort } from './await-port.ts';
import type { BenchFiles } from './bench-files.ts';
import { startNginx } from './candidates/nginx.ts';
import { nginxCommand } from './machine.ts';
import { launch } from './processes.ts';
import { answerBytes, assertionHeader, seenPath } from './upstream-contract.ts';

/** The one upstream of a run, the same for every candidate, on the core of the load. */
export interface Upstream {
  readonly description: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** nginx where it is found: it takes the least time away from the load. Else a few lines of Node. */
export async function openUpstream(files: BenchFiles): Promise<Upstream> {
  const port = await freePort();
  if (nginxCommand === undefined) {
    const launched = launch(process.execPath, [join(import.meta.dirname, 'upstream-server.ts'), String(port)], { place: 'load' });
    await awaitPort('the upstream', port, launched);
    return { description: 'node:http', port, stop: () => launched.stop() };
  }
  const variable = `$http_${assertionHeader.replaceAll('-', '_')}`;
  const server = `
  server {
    listen 127.0.0.1:${port};
    default_type text/plain;
    location / { return 200 '${'x'.repeat(answerBytes)}'; }
    location = ${seenPath} { return 200 '${variable}'; }
  }`;
  const directory = join(files.directory, 'upstream');
  const launched = await startNginx({ command: nginxCommand, name: 'the upstream', directory, port, server, place: 'load' });
  return { description: 'nginx', port, stop: () => launched.stop() };
}
