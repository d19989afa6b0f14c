import type { MetricsSettings, Settings } from './config/settings.ts';
import { isGuarded, isGuardedAlike, isSameAddress } from './metrics-guard.ts';
import type { AdminGuard, AdminServer } from './observe/admin-server.ts';
import { openAdminServer } from './observe/admin-server.ts';
import type { HealthState } from './observe/health-routes.ts';
import { healthRoutes } from './observe/health-routes.ts';
import type { MetricsText } from './observe/metrics-routes.ts';
import { metricsRoutes } from './observe/metrics-routes.ts';

export interface AdminOptions {
  readonly settings: Settings;
  readonly health: HealthState;
  readonly metrics: MetricsText;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Admin {
  /** Follows a reload as far as that goes without opening anything anew; the rest is told as needing a restart. */
  renew(settings: Settings): void;
  close(): Promise<void>;
}

/** Opens the health listener and, where one is configured, the metrics listener; one server for both where both have the same address. */
export async function openAdmin({ settings, health: state, metrics: text, now }: AdminOptions): Promise<Admin> {
  const [health, metrics] = [healthRoutes(state), metricsRoutes(text)];
  const { healthCheckAddress, metrics: served } = settings;
  // Both open to everybody, or the health checks would not be; `checkMetrics` refuses the rest.
  const shared = served !== undefined && !isGuarded(served) && isSameAddress(served.address, healthCheckAddress);
  // A reload brings no CA where there was none, and a supervisor without one need not know how CAs are read.
  const readAnchors = served?.clientCa === undefined ? noAnchors : await anchorReader();
  const guardOf = (guarded: MetricsSettings): AdminGuard => guardFrom(guarded, readAnchors(guarded, now()));
  const opened: AdminServer[] = [];
  try {
    opened.push(await openAdminServer({ address: healthCheckAddress, routes: shared ? new Map([...health, ...metrics]) : health }));
    if (served !== undefined && !shared) {
      opened.push(await openAdminServer({ address: served.address, routes: metrics, ...guardOf(served) }));
    }
  } catch (error) {
    await Promise.all(opened.map((server) => server.close()));
    throw error;
  }
  return {
    renew({ metrics: next }) {
      if (served === undefined || next === undefined || shared || !isGuardedAlike(served, next)) return;
      opened.at(-1)?.renew(guardOf(next));
    },
    close: async () => void (await Promise.all(opened.map((server) => server.close()))),
  };
}

/** PEM, one for each CA; undefined: they can't be used. */
type ReadAnchors = (metrics: MetricsSettings, at: number) => readonly string[] | undefined;

function noAnchors({ clientCa }: MetricsSettings): readonly string[] | undefined {
  return clientCa === undefined ? [] : undefined;
}

async function anchorReader(): Promise<ReadAnchors> {
  const { readCaBundle } = await import('./certificate/ca-bundle.ts');
  return ({ clientCa }, at) => {
    const clients = clientCa === undefined ? undefined : readCaBundle(clientCa, at);
    return clients?.ok === true ? clients.bundle.anchors.map(({ pem }) => pem) : undefined;
  };
}

function guardFrom({ basicAuth, certificate, clientCa }: MetricsSettings, clientAuthorities: readonly string[] | undefined): AdminGuard {
  // Fail closed: `checkMetrics` has refused such a configuration, so that this is a fault.
  if (clientAuthorities === undefined || (clientCa !== undefined && certificate === undefined))
    throw new Error('Cannot open the metrics: their client CA can’t be used');
  return {
    basicAuth: basicAuth?.reveal(),
    tls: certificate && { certificatePem: certificate.certificate.text, keyPem: certificate.key.text, clientAuthorities },
  };
}
