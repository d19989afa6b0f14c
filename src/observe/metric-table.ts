export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** What becomes of the figures of several workers; left out: their sum. */
  readonly together?: Together;
}

/** `first`: that of the process that the others belong to. */
export type Together = 'sum' | 'first' | 'max' | 'min';

export type MetricName =
  | 'requests_total'
  | 'request_duration_seconds'
  | 'handshakes_total'
  | 'client_certificates_total'
  | 'revocation_fetches_total'
  | 'sessions'
  | 'sign_ins_total'
  | 'upstream_requests_total'
  | 'upstream_duration_seconds'
  | 'open_connections'
  | 'open_streams'
  | 'connections_refused_total'
  | 'connections_cut_total'
  | 'requests_shed_total'
  | 'event_loop_lag_seconds'
  | 'streams_ended_total'
  | 'config_reloads_total'
  | 'config_last_reload_success'
  | 'config_hash'
  | FigureName;

export type FigureName = (typeof figureNames)[number];

/** What is read where it is known, at each scrape. */
export const figureNames = [
  'server_certificate_expiry_timestamp_seconds',
  'client_ca_expiry_timestamp_seconds',
  'crl_next_update_timestamp_seconds',
  'process_start_time_seconds',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'event_loop_busy_seconds_total',
  'workers',
  'worker_restarts_total',
] as const;

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
  revocation_fetches_total: {
    type: 'counter',
    labels: ['kind', 'result'],
    help: 'Attempts to ask OCSP responders and to fetch revocation lists, by kind and outcome',
  },
  // They share one store.
  sessions: { type: 'gauge', labels: [], help: 'Sessions that have not expired', together: 'max' },
  sign_ins_total: { type: 'counter', labels: ['result'], help: 'Steps of signing in, by outcome' },
  upstream_requests_total: {
    type: 'counter',
    labels: ['route', 'result'],
    help: 'Requests handed to an upstream, by route and outcome',
  },
  upstream_duration_seconds: { type: 'histogram', labels: [], help: 'Time from handing a request over to the head of the answer' },
  open_connections: { type: 'gauge', labels: [], help: 'Connections of clients that are open' },
  connections_refused_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Connections closed before they were served because there were too many, by the limit that was met',
  },
  connections_cut_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'HTTP/2 connections ended because of what came over them: floods, slow header sections, errors of the protocol',
  },
  requests_shed_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Requests answered 503 without being looked at, because Postern had more to do than it can',
  },
  event_loop_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How late the process came to its last regular task, of several workers the latest; about 0 unless it is overloaded',
    together: 'max',
  },
  open_streams: { type: 'gauge', labels: [], help: 'Requests and tunnels that are in progress' },
  streams_ended_total: {
    type: 'counter',
    labels: ['decision'],
    help: 'Requests and tunnels that were ended because they would not be let in any more, by what a new request is told',
  },
  config_reloads_total: { type: 'counter', labels: ['result'], help: 'Configurations read, the first one included, by outcome' },
  config_last_reload_success: {
    type: 'gauge',
    labels: [],
    help: '1 when the last configuration read is in force, 0 when it was refused',
    together: 'first',
  },
  config_hash: {
    type: 'gauge',
    labels: [],
    help: 'The first 48 bits of the hash of the configuration in force, as a number',
    together: 'first',
  },
  server_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the first of the server certificates ends, chains included, in seconds since 1970',
    together: 'min',
  },
  client_ca_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the first of the client CAs ends, in seconds since 1970',
    together: 'min',
  },
  crl_next_update_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the first of the revocation lists is out of date, in seconds since 1970; every certificate of its issuer is refused then',
    together: 'min',
  },
  process_start_time_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the process was started, in seconds since 1970; of several, the one that the others belong to',
    together: 'min',
  },
  process_cpu_seconds_total: { type: 'counter', labels: [], help: 'CPU time of all processes, user and system' },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Memory of all processes that is not swapped out' },
  // Each process has a limit of its own, and the first that meets it is the one to know of.
  process_open_fds: {
    type: 'gauge',
    labels: [],
    help: 'File descriptors that are open, connections included; of several workers, those of the one that has most',
    together: 'max',
  },
  process_max_fds: { type: 'gauge', labels: [], help: 'File descriptors that each process may have open', together: 'max' },
  event_loop_busy_seconds_total: {
    type: 'counter',
    labels: [],
    help: 'Time in which the threads that serve requests were at work, one for each worker; a rate of 1 is all that one can do',
  },
  workers: { type: 'gauge', labels: [], help: 'Processes that serve requests and answered when the metrics were read', together: 'first' },
  worker_restarts_total: {
    type: 'counter',
    labels: [],
    help: 'Workers that were put in the place of one that had ended by itself',
  },
};
