import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeMetrics } from '../../src/observe/merge-metrics.ts';
import type { Metrics } from '../../src/observe/metrics.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { openFigureBook } from '../../src/workers/figure-book.ts';

async function samples(text: Promise<string>, ...names: readonly string[]): Promise<readonly string[]> {
  return (await text).split('\n').filter((line) => names.some((name) => line.startsWith(`postern_${name}`)));
}

function worker(): Metrics {
  const metrics = createMetrics();
  metrics.handshake('g', 'ok');
  metrics.upstreamDone('app', 'answered', 3);
  metrics.connectionOpened();
  return metrics;
}

describe('mergeMetrics()', () => {
  it('adds up counters, histograms and what is open, and takes the worst or the only one that knows of the rest', async () => {
    const [supervisor, first, second] = [createMetrics(), worker(), worker()];
    supervisor.reload('success', async () => 'ff');
    supervisor.figure('workers', () => 2);
    supervisor.figure('process_start_time_seconds', () => 5);
    supervisor.figure('process_open_fds', () => 3);
    first.sessions(() => 7);
    first.lag(20);
    second.lag(300);
    for (const [metrics, value] of [
      [first, 6],
      [second, 7],
    ] as const) {
      metrics.figure('process_start_time_seconds', () => value);
      metrics.figure('process_open_fds', () => value);
      metrics.figure('process_cpu_seconds_total', () => value);
      metrics.figure('process_resident_memory_bytes', () => value);
      metrics.figure('server_certificate_expiry_timestamp_seconds', () => 99);
    }
    const text = mergeMetrics(await Promise.all([supervisor, first, second].map((metrics) => metrics.dump())));
    const names = ['handshakes', 'upstream_requests', 'upstream_duration_seconds_count', 'upstream_duration_seconds_bucket{le="0.005"}'];
    const gauges = ['open_connections', 'sessions', 'event_loop_lag', 'config_', 'process_', 'server_', 'client_ca', 'workers'];
    assert.deepEqual(await samples(text, ...names, ...gauges), [
      'postern_handshakes_total{group="g",result="ok"} 2',
      'postern_sessions 7',
      'postern_upstream_requests_total{route="app",result="answered"} 2',
      'postern_upstream_duration_seconds_bucket{le="0.005"} 2',
      'postern_upstream_duration_seconds_count 2',
      'postern_open_connections 2',
      'postern_event_loop_lag_seconds 0.3',
      'postern_config_reloads_total{result="success"} 1',
      'postern_config_last_reload_success 1',
      'postern_config_hash 255',
      'postern_server_certificate_expiry_timestamp_seconds 99',
      'postern_client_ca_expiry_timestamp_seconds Nan',
      'postern_process_start_time_seconds 5',
      'postern_process_cpu_seconds_total 13',
      'postern_process_resident_memory_bytes 13',
      'postern_process_open_fds 7',
      'postern_process_max_fds Nan',
      'postern_workers 2',
    ]);
  });
});

describe('openFigureBook()', () => {
  it('lets no counter go back when a worker ends or is silent, and forgets what it had open', async () => {
    const book = openFigureBook();
    const [first, second] = [worker(), worker()];
    const names = ['handshakes', 'upstream_duration_seconds_count', 'open_connections'];
    const now = (): Promise<readonly string[]> => samples(mergeMetrics(book.dumps), ...names);
    const [both, one] = [2, 1].map((open) => [
      'postern_handshakes_total{group="g",result="ok"} 2',
      'postern_upstream_duration_seconds_count 2',
      `postern_open_connections ${open}`,
    ]);
    book.note(first, await first.dump());
    book.note(second, await second.dump());
    assert.deepEqual(await now(), both);
    book.note(second, undefined);
    assert.deepEqual(await now(), one);
    await book.close(second);
    assert.deepEqual(await now(), one);
    const third = worker();
    book.note(third, await third.dump());
    await book.close(third);
    assert.match((await now()).join(), /ok"} 3/);
  });
});
