import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/free-ports.ts';
import { awaitPort } from '../await-port.ts';
import type { BenchFiles } from '../bench-files.ts';
import { machinesHost } from '../bench-files.ts';
import type { Launched, Place } from '../processes.ts';
import { launch } from '../processes.ts';
import { socketPath } from '../upstream-contract.ts';
import type { Candidate } from './candidate.ts';

/** nginx as a TLS proxy that asks nobody who they are and writes no log: the least a proxy can cost, and the yardstick of all ratios. */
export async function openNginx(command: string, files: BenchFiles, upstreamPort: number): Promise<Candidate> {
  const port = await freePort();
  const server = serversFor(files, port, upstreamPort);
  const launched = await startNginx({ command, name: 'nginx', directory: join(files.directory, 'nginx'), port, server, place: 'proxy' });
  return { name: 'nginx', description: 'one worker, TLS, no log, no identity', pid: launched.pid, port, stop: () => launched.stop() };
}

/** Bodies go through as they come, in both directions: kept in files first, their cost would be that of a disk. */
function serversFor({ certificate, key, clientCa }: BenchFiles, port: number, upstreamPort: number): string {
  const common = `
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    # Those that Postern speaks; without this, older ones speak nothing newer than TLS 1.2.
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    location / { proxy_pass http://app; proxy_set_header Connection ''; proxy_set_header Host $host; }`;
  return `
  upstream app { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    ${common}
    location = ${socketPath} {
      proxy_pass http://app;
      proxy_set_header Host $host;
      proxy_set_header Connection Upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 600s;
    }
  }
  server {
    server_name ${machinesHost};
    ssl_client_certificate ${clientCa};
    ssl_verify_client on;
    ${common}
  }`;
}

export interface NginxOptions {
  readonly command: string;
  readonly name: string;
  readonly directory: string;
  readonly port: number;
  readonly place: Place;
  /** What stands in `http`. */
  readonly server: string;
}

/** One nginx with one worker that keeps connections open for as long as they come, in a directory of its own. */
export async function startNginx({ command, name, directory, port, place, server }: NginxOptions): Promise<Launched> {
  await mkdir(directory, { recursive: true });
  // Whom root's nginx would become instead can't read what is in the directory of a run.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const configuration = `
${user}
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr emerg;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};`).join(' ')}
  ${server}
}
`;
  const file = join(directory, 'nginx.conf');
  await writeFile(file, configuration);
  const launched = launch(command, ['-p', directory, '-e', 'stderr', '-c', file], { place, lastSignal: 'SIGTERM' });
  await awaitPort(name, port, launched);
  return launched;
}
