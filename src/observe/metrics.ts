import type { Registry } from 'prom-client';
import type { CountOne } from './counted-by.ts';
import { countedBy } from './counted-by.ts';
import { LaterRegistry } from './later-registry.ts';
import { LeanHistogram } from './lean-histogram.ts';
import type { MetricDump } from './merge-metrics.ts';
import type { FigureName, MetricName, Together } from './metric-table.ts';
import { figureNames, metricTable } from './metric-table.ts';
import type { RequestRecord } from './request-record.ts';

/**
 * One method for each thing that happens. Every word passed in comes from the program or its configuration, never from a client, so the
 * number of series has a bound. Times are milliseconds here and seconds in the text.
 */
export interface Metrics {
  requestDone(record: RequestRecord): void;
  /** `result`: `accepted`, or what ended the handshake. */
  handshake(group: string, result: string): void;
  /** `result`: `valid`, `invalid`, `none`; `reason` is the detail of an invalid one, else `ok` or `none`. */
  clientCertificate(result: string, reason: string): void;
  /** `kind`: `ocsp`, `crl`. `result`: `ok`, or what ended it without an answer that counts. */
  revocationFetch(kind: string, result: string): void;
  signIn(result: string): void;
  /**
   * `configHash` answers lower hex, of the configuration in force afterwards, and is asked at each scrape; undefined leaves the figure as it is.
   */
  reload(result: 'success' | 'failure', configHash: (() => Promise<string>) | undefined): void;
  /** Says how to count the sessions. Asked at each scrape; NaN where the count fails, and until somebody says. */
  sessions(count: () => number | Promise<number>): void;
  /** Says how to read a figure that is known elsewhere. Asked at each scrape; NaN where it answers undefined, and until somebody says. */
  figure(name: FigureName, read: () => number | undefined): void;
  /** `route` null: `none`. `result`: `answered`, or the code of the failure. */
  upstreamDone(route: string | null, result: string, durationMs: number): void;
  connectionOpened(): void;
  connectionClosed(): void;
  streamOpened(): void;
  streamClosed(): void;
  /** How many streams are open. */
  readonly openStreams: number;
  /** How many connections are open. */
  readonly openConnections: number;
  connectionRefused(reason: string): void;
  connectionCut(reason: string): void;
  requestShed(reason: string): void;
  lag(ms: number): void;
  /** One that would not be let in any more; `decision` is what a new request would be told. */
  streamEnded(decision: string): void;
  /** The text that a scraper gets, in the format that `contentType` names. */
  text(): Promise<string>;
  readonly contentType: string;
  /** The same for `mergeMetrics`. */
  dump(): Promise<MetricDump>;
}

// The text format of Prometheus (version 0.0.4).
const contentType = 'text/plain; version=0.0.4; charset=utf-8';
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics with a registry of their own: two in one process don't meet. */
export function createMetrics(): Metrics {
  const registry = new LaterRegistry();
  const requests = counter(registry, 'requests_total');
  const requestDuration = histogram(registry, 'request_duration_seconds');
  const handshakes = counter(registry, 'handshakes_total');
  const certificates = counter(registry, 'client_certificates_total');
  const revocationFetches = counter(registry, 'revocation_fetches_total');
  let countSessions: (() => number | Promise<number>) | undefined;
  gauge(registry, 'sessions', () => countSessions?.() ?? Number.NaN);
  const signIns = counter(registry, 'sign_ins_total');
  const upstreamRequests = counter(registry, 'upstream_requests_total');
  const upstreamDuration = histogram(registry, 'upstream_duration_seconds');
  const open = { connections: 0, streams: 0 };
  gauge(registry, 'open_connections', () => open.connections);
  const refused = counter(registry, 'connections_refused_total');
  const cut = counter(registry, 'connections_cut_total');
  const shed = counter(registry, 'requests_shed_total');
  let lagMs = 0;
  gauge(registry, 'event_loop_lag_seconds', () => lagMs / 1000);
  gauge(registry, 'open_streams', () => open.streams);
  const streamsEnded = counter(registry, 'streams_ended_total');
  const reloads = counter(registry, 'config_reloads_total');
  let lastReloadSuccess = 0;
  let readHash: (() => Promise<string>) | undefined;
  gauge(registry, 'config_last_reload_success', () => lastReloadSuccess);
  gauge(registry, 'config_hash', async () => (readHash === undefined ? 0 : asNumber(await readHash())));
  const figures = figuresOf(registry);

  return {
    requestDone(record) {
      requests(record.route ?? 'none', record.decision, record.status);
      requestDuration.add(record.durationMs / 1000);
    },
    handshake: (group, result) => handshakes(group, result),
    clientCertificate: (result, reason) => certificates(result, reason),
    revocationFetch: (kind, result) => revocationFetches(kind, result),
    signIn: (result) => signIns(result),
    reload(result, configHash) {
      reloads(result);
      lastReloadSuccess = result === 'success' ? 1 : 0;
      readHash = configHash ?? readHash;
    },
    sessions(count) {
      countSessions = count;
    },
    figure: (name, read) => void figures.set(name, read),
    upstreamDone(route, result, durationMs) {
      upstreamRequests(route ?? 'none', result);
      upstreamDuration.add(durationMs / 1000);
    },
    connectionOpened() {
      open.connections += 1;
    },
    connectionClosed() {
      open.connections -= 1;
    },
    streamOpened() {
      open.streams += 1;
    },
    streamClosed() {
      open.streams -= 1;
    },
    get openStreams() {
      return open.streams;
    },
    get openConnections() {
      return open.connections;
    },
    connectionRefused: (reason) => refused(reason),
    connectionCut: (reason) => cut(reason),
    requestShed: (reason) => shed(reason),
    lag(ms) {
      lagMs = ms;
    },
    streamEnded(decision) {
      streamsEnded(decision);
    },
    text: async () => registry.open().metrics(),
    contentType,
    dump: async () => registry.open().getMetricsAsJSON(),
  };
}

/** 12 hex digits are the most that a number of JavaScript, and of a scraper, holds without rounding. */
function asNumber(hash: string): number {
  return Number.parseInt(hash.slice(0, 12), 16);
}

type Figures = Map<FigureName, () => number | undefined>;

/** Registers every figure; how each is read is said later. */
function figuresOf(registry: LaterRegistry): Figures {
  const figures: Figures = new Map();
  for (const name of figureNames) {
    const read = (): number => figures.get(name)?.() ?? Number.NaN;
    if (metricTable[name].type === 'gauge') gauge(registry, name, read);
    else sum(registry, name, read);
  }
  return figures;
}

/** A counter whose sum is kept by somebody else. */
function sum(later: LaterRegistry, name: FigureName, value: () => number): void {
  later.add(({ Counter }, registry) => {
    // oxlint-disable-next-line no-new -- the registry keeps it
    new Counter({
      ...described(registry, name),
      collect(): void {
        const total = value();
        if (Number.isNaN(total)) return;
        this.reset();
        this.inc(total);
      },
    });
  });
}

function counter(registry: LaterRegistry, name: MetricName): CountOne {
  return countedBy(registry, `postern_${name}`, metricTable[name]);
}

function histogram(registry: LaterRegistry, name: MetricName): LeanHistogram {
  return new LeanHistogram({ name: `postern_${name}`, help: metricTable[name].help, buckets: durationBuckets, registry });
}

function gauge(later: LaterRegistry, name: MetricName, value: () => number | Promise<number>): void {
  later.add(({ Gauge }, registry) => {
    // oxlint-disable-next-line no-new -- the registry keeps it
    new Gauge({
      ...described(registry, name),
      async collect() {
        try {
          this.set(await value());
        } catch {
          // One figure that can't be had must not take the others away.
          this.set(Number.NaN);
        }
      },
    });
  });
}

function described(registry: Registry, name: MetricName): Described {
  const { help, labels, together = 'sum' } = metricTable[name];
  return { name: `postern_${name}`, help, labelNames: [...labels], registers: [registry], aggregator: together };
}

interface Described {
  readonly name: string;
  readonly help: string;
  labelNames: string[];
  registers: Registry[];
  readonly aggregator: Together;
}
