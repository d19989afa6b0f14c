import { readFile } from 'node:fs/promises';
import { freePort } from '../../test/free-ports.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { startPeer } from './start-peer.ts';

/** HAProxy as a TLS proxy that asks nobody who they are: one thread, upstream connections shared by all visitors as in nginx, no log. */
export async function openHaproxy({ command, version }: FoundProgram, { files, upstreamPort }: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  // It wants the key and the certificate in one file.
  const pair = (await readFile(files.certificate, 'utf8')) + (await readFile(files.key, 'utf8'));
  const configuration = { 'server.pem': pair, 'haproxy.cfg': configurationText(port, upstreamPort) };
  const launched = await startPeer({ name: 'haproxy', command, args: ['-db', '-f', 'haproxy.cfg'], configuration, port, files });
  const description = `${version}, one thread, TLS, no log, no identity`;
  return { name: 'haproxy', description, pid: launched.pid, port, stop: () => launched.stop() };
}

function configurationText(port: number, upstreamPort: number): string {
  return `
global
  nbthread 1
  maxconn 4096

defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  timeout tunnel 600s

frontend visitors
  bind 127.0.0.1:${port} ssl crt server.pem alpn h2,http/1.1
  default_backend app

backend app
  http-reuse always
  server app 127.0.0.1:${upstreamPort}
`;
}
