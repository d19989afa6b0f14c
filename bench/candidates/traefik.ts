import { freePort } from '../../test/free-ports.ts';
import { appHost } from '../bench-files.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { startPeer } from './start-peer.ts';

/** Traefik 3 as a TLS proxy that asks nobody who they are, on one core, without a log and without looking for newer versions. */
export async function openTraefik({ command, version }: FoundProgram, setting: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  const configuration = { 'traefik.json': JSON.stringify(fixed(port)), 'app.json': JSON.stringify(dynamic(setting)) };
  const args = ['--configFile=traefik.json'];
  const launched = await startPeer({ name: 'traefik', command, args, configuration, port, files: setting.files });
  const description = `${version}, GOMAXPROCS=1, TLS, no log, no identity`;
  return { name: 'traefik', description, pid: launched.pid, port, stop: () => launched.stop() };
}

/** What it reads at its start only. */
function fixed(port: number): unknown {
  const transport = { respondingTimeouts: { readTimeout: '0s', idleTimeout: '600s' }, lifeCycle: { graceTimeOut: '1s' } };
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: 'ERROR' },
    entryPoints: { visitors: { address: `127.0.0.1:${port}`, transport } },
    serversTransport: { maxIdleConnsPerHost: 256 },
    providers: { file: { filename: 'app.json', watch: false } },
  };
}

function dynamic({ files, upstreamPort }: CandidateSetting): unknown {
  const router = { rule: `Host(\`${appHost}\`)`, entryPoints: ['visitors'], service: 'app', tls: {} };
  const service = { loadBalancer: { passHostHeader: true, servers: [{ url: `http://127.0.0.1:${upstreamPort}` }] } };
  return {
    http: { routers: { app: router }, services: { app: service } },
    tls: { certificates: [{ certFile: files.certificate, keyFile: files.key }] },
  };
}
