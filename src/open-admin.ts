import { certificateStatus } from './certificate-status.ts';
import { readCaBundle } from './certificate/ca-bundle.ts';
import { isGuarded, isGuardedAlike, isSameAddress } from './check-metrics.ts';
import type { MetricsSettings, Settings } from './config/settings.ts';
import type { AdminGuard, AdminServer } from './observe/admin-server.ts';
import { openAdminServer } from './observe/admin-server.ts';
import { healthRoutes } from './observe/health-routes.ts';
import { metricsRoutes } from './observe/metrics-routes.ts';
import type { Program } from './program.ts';
import type { RevocationService } from './revocation/revocation-service.ts';

export interface RunningState {
  readonly draining: boolean;
  readonly started: boolean;
  readonly overload: { readonly isOverloaded: boolean };
  readonly revocation: Pick<RevocationService, 'describe'>;
}

export interface Admin {
  /** Follows a reload as far as that goes without opening anything anew; the rest is told as needing a restart. */
  renew(settings: Settings): void;
  close(): Promise<void>;
}

/** Opens the health listener and, where one is configured, the metrics listener; one server for both where both have the same address. */
export async function openAdmin(program: Program, settings: Settings, state: RunningState): Promise<Admin> {
  const health = healthRoutes({
    started: () => state.started,
    draining: () => state.draining,
    status: () => ({
      routes: program.current.snapshot.routeList.length,
      draining: state.draining,
      // Not of `/readyz`: where every replica is busy, taking one of them out makes it worse for the others.
      overloaded: state.overload.isOverloaded,
      groups: program.current.snapshot.groups.describe(),
      certificates: certificateStatus(program.current.snapshot, state.revocation.describe(), program.now()),
    }),
  });
  const metrics = metricsRoutes(program.metrics);
  const { healthCheckAddress, metrics: served } = settings;
  // Both open to everybody, or the health checks would not be; `checkMetrics` refuses the rest.
  const shared = served !== undefined && !isGuarded(served) && isSameAddress(served.address, healthCheckAddress);
  const opened: AdminServer[] = [];
  try {
    opened.push(await openAdminServer({ address: healthCheckAddress, routes: shared ? new Map([...health, ...metrics]) : health }));
    if (served !== undefined && !shared) {
      opened.push(await openAdminServer({ address: served.address, routes: metrics, ...guardOf(served, program.now()) }));
    }
  } catch (error) {
    await Promise.all(opened.map((server) => server.close()));
    throw error;
  }
  return {
    renew({ metrics: next }) {
      if (served === undefined || next === undefined || shared || !isGuardedAlike(served, next)) return;
      opened.at(-1)?.renew(guardOf(next, program.now()));
    },
    close: async () => void (await Promise.all(opened.map((server) => server.close()))),
  };
}

function guardOf({ basicAuth, certificate, clientCa }: MetricsSettings, at: number): AdminGuard {
  const clients = clientCa === undefined ? undefined : readCaBundle(clientCa, at);
  // Fail closed: `checkMetrics` has refused such a configuration, so that this is a fault.
  if (clients?.ok === false || (clientCa !== undefined && certificate === undefined))
    throw new Error('Cannot open the metrics: their client CA can’t be used');
  return {
    basicAuth: basicAuth?.reveal(),
    tls: certificate && {
      certificatePem: certificate.certificate.text,
      keyPem: certificate.key.text,
      clientAuthorities: clients?.bundle.anchors.map(({ pem }) => pem) ?? [],
    },
  };
}
