import type { Settings } from './config/settings.ts';
import type { AdminServer } from './observe/admin-server.ts';
import { openAdminServer } from './observe/admin-server.ts';
import { healthRoutes } from './observe/health-routes.ts';
import { metricsRoutes } from './observe/metrics-routes.ts';
import type { Program } from './program.ts';

export interface RunningState {
  readonly draining: boolean;
  readonly started: boolean;
}

/** Opens the health listener and, where one is configured, the metrics listener; one server where both have the same address. */
export async function openAdmin(program: Program, settings: Settings, state: RunningState): Promise<{ close(): Promise<void> }> {
  const health = healthRoutes({
    started: () => state.started,
    draining: () => state.draining,
    status: () => ({
      routes: program.current.snapshot.routeList.length,
      draining: state.draining,
      groups: program.current.snapshot.groups.describe(),
    }),
  });
  const metrics = metricsRoutes(program.metrics);
  const { healthCheckAddress, metricsAddress } = settings;
  const shared =
    metricsAddress !== undefined && metricsAddress.host === healthCheckAddress.host && metricsAddress.port === healthCheckAddress.port;
  const opened: AdminServer[] = [];
  try {
    opened.push(await openAdminServer({ address: healthCheckAddress, routes: shared ? new Map([...health, ...metrics]) : health }));
    if (metricsAddress !== undefined && !shared) opened.push(await openAdminServer({ address: metricsAddress, routes: metrics }));
  } catch (error) {
    await Promise.all(opened.map((server) => server.close()));
    throw error;
  }
  return { close: async () => void (await Promise.all(opened.map((server) => server.close()))) };
}
