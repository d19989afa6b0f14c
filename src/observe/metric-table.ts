export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

export type MetricName =
  | 'requests_total'
  | 'request_duration_seconds'
  | 'handshakes_total'
  | 'client_certificates_total'
  | 'sessions'
  | 'sign_ins_total'
  | 'upstream_requests_total'
  | 'upstream_duration_seconds'
  | 'open_connections'
  | 'open_streams'
  | 'config_reloads_total'
  | 'config_last_reload_success'
  | 'config_hash';

/** Every metric there is; names get the prefix `postern_`. `docs/metrics.md` is compared with this table by a test. */
export const metricTable: Readonly<Record<MetricName, MetricEntry>> = {
  requests_total: {
    type: 'counter',
    labels: ['route', 'decision', 'status'],
    help: 'Finished requests, by route, decision and the status that was answered',
  },
  request_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from the head of a request to the end of its answer',
  },
  handshakes_total: {
    type: 'counter',
    labels: ['group', 'result'],
    help: 'TLS handshakes, by TLS group and outcome',
  },
  client_certificates_total: {
    type: 'counter',
    labels: ['result', 'reason'],
    help: 'Requests to routes with a client CA, by the verdict on their certificate',
  },
  sessions: { type: 'gauge', labels: [], help: 'Sessions that have not expired' },
  sign_ins_total: { type: 'counter', labels: ['result'], help: 'Steps of signing in, by outcome' },
  upstream_requests_total: {
    type: 'counter',
    labels: ['route', 'result'],
    help: 'Requests handed to an upstream, by route and outcome',
  },
  upstream_duration_seconds: { type: 'histogram', labels: [], help: 'Time from handing a request over to the head of the answer' },
  open_connections: { type: 'gauge', labels: [], help: 'Connections of clients that are open' },
  open_streams: { type: 'gauge', labels: [], help: 'Requests and tunnels that are in progress' },
  config_reloads_total: { type: 'counter', labels: ['result'], help: 'Configurations read, the first one included, by outcome' },
  config_last_reload_success: { type: 'gauge', labels: [], help: '1 when the last configuration read is in force, 0 when it was refused' },
  config_hash: { type: 'gauge', labels: [], help: 'The first 48 bits of the hash of the configuration in force, as a number' },
};
