import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { metricTable } from '../../src/observe/metric-table.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { RequestRecord } from '../../src/observe/request-record.ts';

const record: RequestRecord = {
  id: 'r',
  receivedAt: 0,
  durationMs: 500,
  upstreamMs: null,
  method: 'GET',
  host: 'h',
  path: '/',
  status: 404,
  decision: 'not-found',
  reasons: [],
  route: null,
  user: null,
  email: null,
  clientCertificateSha256: null,
  certificateDetail: null,
  certificateRule: null,
  remoteAddress: '::1',
  protocol: 'h2',
  sni: null,
  failure: null,
  bytesSent: 0,
  further: undefined,
};

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  return (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket{'));
}

describe('createMetrics()', () => {
  it('names the format that the library writes', () => {
    assert.equal(createMetrics().contentType, new Registry().contentType);
  });

  it('counts what happens, under the names and labels of the contract', async () => {
    const metrics = createMetrics();
    metrics.requestDone(record);
    metrics.requestDone(record);
    metrics.requestDone({ ...record, route: 'app "1"', status: 200, decision: 'allow' });
    metrics.handshake('g1', 'accepted');
    metrics.clientCertificate('invalid', 'expired');
    metrics.revocationFetch('ocsp', 'timeout');
    metrics.signIn('completed');
    metrics.sessions(async () => 7);
    metrics.upstreamDone('app', 'answered', 1500);
    metrics.connectionOpened();
    metrics.connectionOpened();
    metrics.connectionClosed();
    metrics.streamOpened();
    metrics.streamOpened();
    metrics.streamClosed();
    metrics.connectionRefused('peer');
    metrics.connectionCut('http2-flood');
    metrics.requestShed('event-loop');
    metrics.lag(1500);
    assert.equal(metrics.openStreams, 1);
    metrics.reload('success', async () => 'ffffffffffff0123');
    metrics.reload('failure', undefined);
    metrics.figure('process_open_fds', () => 12);
    metrics.figure('process_cpu_seconds_total', () => 3.5);
    metrics.figure('crl_next_update_timestamp_seconds', () => undefined);
    assert.deepEqual(await samples(metrics), [
      'postern_requests_total{route="none",decision="not-found",status="404"} 2',
      'postern_requests_total{route="app \\"1\\"",decision="allow",status="200"} 1',
      'postern_request_duration_seconds_sum 1.5',
      'postern_request_duration_seconds_count 3',
      'postern_handshakes_total{group="g1",result="accepted"} 1',
      'postern_client_certificates_total{result="invalid",reason="expired"} 1',
      'postern_revocation_fetches_total{kind="ocsp",result="timeout"} 1',
      'postern_sessions 7',
      'postern_sign_ins_total{result="completed"} 1',
      'postern_upstream_requests_total{route="app",result="answered"} 1',
      'postern_upstream_duration_seconds_sum 1.5',
      'postern_upstream_duration_seconds_count 1',
      'postern_open_connections 1',
      'postern_connections_refused_total{reason="peer"} 1',
      'postern_connections_cut_total{reason="http2-flood"} 1',
      'postern_requests_shed_total{reason="event-loop"} 1',
      'postern_event_loop_lag_seconds 1.5',
      'postern_open_streams 1',
      'postern_config_reloads_total{result="success"} 1',
      'postern_config_reloads_total{result="failure"} 1',
      'postern_config_last_reload_success 0',
      'postern_config_hash 281474976710655',
      'postern_server_certificate_expiry_timestamp_seconds Nan',
      'postern_client_ca_expiry_timestamp_seconds Nan',
      'postern_crl_next_update_timestamp_seconds Nan',
      'postern_process_start_time_seconds Nan',
      'postern_process_cpu_seconds_total 3.5',
      'postern_process_resident_memory_bytes Nan',
      'postern_process_open_fds 12',
      'postern_process_max_fds Nan',
      'postern_event_loop_busy_seconds_total 0',
      'postern_workers Nan',
      'postern_worker_restarts_total 0',
    ]);
  });

  it('counts on from scrape to scrape', async () => {
    const metrics = createMetrics();
    metrics.handshake('g', 'accepted');
    await metrics.text();
    metrics.handshake('g', 'accepted');
    assert.ok((await samples(metrics)).includes('postern_handshakes_total{group="g",result="accepted"} 2'));
    assert.ok((await samples(metrics)).includes('postern_handshakes_total{group="g",result="accepted"} 2'));
  });

  it('reports the other figures when the sessions cannot be counted', async () => {
    const metrics = createMetrics();
    metrics.sessions(() => Promise.reject(new Error('store is away')));
    const lines = await samples(metrics);
    assert.ok(lines.some((line) => /^postern_sessions nan$/i.test(line)));
    assert.ok(lines.includes('postern_open_streams 0'));
  });

  it('keeps two of its kind apart', async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.connectionOpened();
    assert.ok((await samples(other)).includes('postern_open_connections 0'));
  });

  it('is described in docs/metrics.md, every metric and label', () => {
    const document = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const rows = document.split('\n').filter((line) => line.startsWith('| `postern_'));
    assert.deepEqual(
      rows,
      Object.entries(metricTable).map(
        ([name, { type, labels, help }]) =>
          `| \`postern_${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
      ),
    );
  });
});
