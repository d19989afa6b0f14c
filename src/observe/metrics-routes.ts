import type { AdminRoutes } from './admin-server.ts';
import type { Metrics } from './metrics.ts';

export type MetricsText = Pick<Metrics, 'text' | 'contentType'>;

/** `/metrics`, for the admin server. */
export function metricsRoutes(metrics: MetricsText): AdminRoutes {
  return new Map([['/metrics', async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() })]]);
}
