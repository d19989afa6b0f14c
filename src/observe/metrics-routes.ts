import type { AdminRoutes } from './admin-server.ts';
import type { Metrics } from './metrics.ts';

/** `/metrics`, for the admin server. */
export function metricsRoutes(metrics: Metrics): AdminRoutes {
  return new Map([['/metrics', async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() })]]);
}
