import { freePort } from '../../test/free-ports.ts';
import type { Candidate, CandidateSetting } from './candidate.ts';
import type { FoundProgram } from './find-program.ts';
import { startPeer } from './start-peer.ts';

/** Envoy as a TLS proxy that asks nobody who they are: one worker thread, no access log, no request ids. */
export async function openEnvoy({ command, version }: FoundProgram, setting: CandidateSetting): Promise<Candidate> {
  const port = await freePort();
  const args = ['--concurrency', '1', '--disable-hot-restart', '--log-level', 'error', '-c', 'envoy.json'];
  const configuration = { 'envoy.json': JSON.stringify({ static_resources: resources(port, setting) }, undefined, 2) };
  const launched = await startPeer({ name: 'envoy', command, args, configuration, port, files: setting.files });
  const description = `${version}, --concurrency 1, TLS, no log, no identity`;
  return { name: 'envoy', description, pid: launched.pid, port, stop: () => launched.stop() };
}

const types = 'type.googleapis.com/envoy.extensions';

function resources(port: number, { files, upstreamPort }: CandidateSetting): unknown {
  const certificates = [{ certificate_chain: { filename: files.certificate }, private_key: { filename: files.key } }];
  const tls = {
    '@type': `${types}.transport_sockets.tls.v3.DownstreamTlsContext`,
    common_tls_context: { alpn_protocols: ['h2', 'http/1.1'], tls_certificates: certificates },
  };
  const manager = { name: 'envoy.filters.network.http_connection_manager', typed_config: httpManager() };
  const listener = {
    name: 'visitors',
    address: loopback(port),
    filter_chains: [{ filters: [manager], transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tls } }],
  };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: loopback(upstreamPort) } }] }];
  const cluster = { name: 'app', type: 'STATIC', connect_timeout: '5s', load_assignment: { cluster_name: 'app', endpoints } };
  return { listeners: [listener], clusters: [cluster] };
}

function httpManager(): unknown {
  const router = { name: 'envoy.filters.http.router', typed_config: { '@type': `${types}.filters.http.router.v3.Router` } };
  const routes = [{ match: { prefix: '/' }, route: { cluster: 'app', timeout: '0s' } }];
  return {
    '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'visitors',
    codec_type: 'AUTO',
    generate_request_id: false,
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    stream_idle_timeout: '600s',
    common_http_protocol_options: { idle_timeout: '600s' },
    route_config: { name: 'app', virtual_hosts: [{ name: 'app', domains: ['*'], routes }] },
    http_filters: [router],
  };
}

function loopback(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
