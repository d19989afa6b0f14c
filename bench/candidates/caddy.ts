import { freePort } from '../../test/free-ports.ts';
import { appHost } from '../bench-files.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { startPeer } from './start-peer.ts';

/** Caddy as a TLS proxy that asks nobody who they are, on one core, without a log. */
export async function openCaddy({ command, version }: FoundProgram, setting: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  const { files } = setting;
  const args = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'];
  const configuration = { Caddyfile: configurationText(port, setting) };
  const launched = await startPeer({ name: 'caddy', command, args, configuration, port, files });
  const description = `${version}, GOMAXPROCS=1, TLS, no log, no identity`;
  return { name: 'caddy', description, pid: launched.pid, port, stop: () => launched.stop() };
}

/** Without the port for administration, and without fetching or renewing certificates: it talks to nobody but visitors and upstream. */
function configurationText(port: number, { files, upstreamPort }: CandidateSetting): string {
  return `
{
  admin off
  auto_https off
  grace_period 1s
  log {
    level ERROR
  }
  servers {
    protocols h1 h2
  }
}

https://${appHost}:${port} {
  bind 127.0.0.1
  tls ${files.certificate} ${files.key}
  reverse_proxy 127.0.0.1:${upstreamPort} {
    transport http {
      keepalive 600s
      keepalive_idle_conns_per_host 256
    }
  }
}
`;
}
