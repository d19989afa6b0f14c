import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { loadPromClient } from './load-prom-client.ts';

/** Every metric of one process with its values, as plain data that can go to another process. */
export type MetricDump = readonly DumpedMetric[];

type DumpedMetric = Omit<MetricObjectWithValues<MetricValue<string>>, 'collect'>;

/** The metrics of several processes as one text for a scraper. Where only one can be right, that of the first is. */
export async function mergeMetrics(dumps: readonly MetricDump[]): Promise<string> {
  const merged = await aggregate(dumps.map((dump) => dump.map((metric) => withoutUnknown(metric, dumps))));
  return merged.metrics();
}

/** What a process leaves behind that has ended: its counters and histograms, added to those of others. */
export async function addCounters(dumps: readonly MetricDump[]): Promise<MetricDump> {
  const added = await aggregate(dumps.map(countersOf));
  return added.getMetricsAsJSON();
}

/** What counts up and is never less. */
export function countersOf(dump: MetricDump): MetricDump {
  return dump.filter(({ type }) => type !== 'gauge');
}

async function aggregate(dumps: readonly MetricDump[]): Promise<Registry> {
  const library = loadPromClient();
  return library.Registry.aggregate(dumps.map((dump) => [...dump]));
}

/** A process that does not know a figure must not spoil it for those who do: NaN stays where nobody knows better. */
function withoutUnknown(metric: DumpedMetric, dumps: readonly MetricDump[]): DumpedMetric {
  if (metric.type !== 'gauge' || metric.values.every(isKnown)) return metric;
  const isKnownElsewhere = dumps.some((dump) => dump.some(({ name, values }) => name === metric.name && values.some(isKnown)));
  return isKnownElsewhere ? { ...metric, values: metric.values.filter(isKnown) } : metric;
}

function isKnown({ value }: MetricValue<string>): boolean {
  return !Number.isNaN(value);
}
