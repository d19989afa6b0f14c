import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../test/free-ports.ts';
import { awaitPort } from './await-port.ts';
import type { BenchFiles } from './bench-files.ts';
import { startNginx } from './candidates/nginx.ts';
import { nginxCommand } from './machine.ts';
import type { Place } from './processes.ts';
import { launch } from './processes.ts';
import { answerBytes, assertionHeader, downPath, seenPath, socketPath, upPath } from './upstream-contract.ts';

/** The one upstream of a run, the same for every candidate, on the core of the load. */
export interface Upstream {
  readonly description: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** What `downPath` can be asked for, in bytes. */
export const bodySizes: Readonly<Record<'mebibyte' | 'gibibyte', number>> = { mebibyte: 2 ** 20, gibibyte: 2 ** 30 };

/** nginx where it is found, which takes the least time away from the load, before a few lines of Node for what nginx can't do. */
export async function openUpstream(files: BenchFiles, place: Place = 'load'): Promise<Upstream> {
  const behind = await freePort();
  const node = launch(process.execPath, [join(import.meta.dirname, 'upstream-server.ts'), String(behind)], { place });
  await awaitPort('the upstream', behind, node);
  if (nginxCommand === undefined) return { description: 'node:http', port: behind, stop: () => node.stop() };
  const port = await freePort();
  const directory = join(files.directory, `upstream-${port}`);
  await makeZeroes(join(directory, downPath));
  const server = serverFor({ port, behind, directory });
  const nginx = await startNginx({ command: nginxCommand, name: 'the upstream', directory, port, server, place });
  return {
    description: 'nginx',
    port,
    async stop() {
      await nginx.stop();
      await node.stop();
    },
  };
}

function serverFor({ port, behind, directory }: { port: number; behind: number; directory: string }): string {
  const variable = `$http_${assertionHeader.replaceAll('-', '_')}`;
  return `
  sendfile on;
  client_max_body_size 0;
  upstream behind { server 127.0.0.1:${behind}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    default_type text/plain;
    location / { return 200 '${'x'.repeat(answerBytes)}'; }
    location = ${seenPath} { return 200 '${variable}'; }
    location ${downPath} { root ${directory}; }
    location = ${upPath} { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_request_buffering off; }
    location = ${socketPath} {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection Upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 600s;
    }
  }`;
}

/** Files without contents: they take no room on the disk. */
async function makeZeroes(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const size of Object.values(bodySizes)) {
    await using file = await open(join(directory, String(size)), 'w');
    await file.truncate(size);
  }
}
